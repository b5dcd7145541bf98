using System.Collections;
using System.Net;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Wire;

namespace MQTTnet.Server.Running;

/// <summary>One network connection, from CONNECT to its end. Packets are handled one after the other; what is sent waits in queues.</summary>
internal sealed partial class ClientConnection : IDisposable
{
    private readonly ServerCore _core;
    private readonly IMqttChannelAdapter _channel;
    private readonly CancellationTokenSource _closing;
    private Dictionary<ushort, string>? _topicAliases;
    private Session? _session;
    private bool _saidGoodbye;

    public ClientConnection(ServerCore core, IMqttChannelAdapter channel, CancellationToken serverStopping)
    {
        _core = core;
        _channel = channel;
        RemoteEndPoint = channel.RemoteEndPoint;
        _closing = CancellationTokenSource.CreateLinkedTokenSource(serverStopping);
        Closing = _closing.Token;
        _lastReceived = _lastSent = TimeProvider.System.GetTimestamp();
    }

    public CancellationToken Closing { get; }

    public MqttConnectPacket? Connect { get; private set; }

    /// <summary>The client's DISCONNECT; null unless it sent one.</summary>
    public MqttDisconnectPacket? Disconnect { get; private set; }

    public bool IsTakenOver { get; private set; }

    public string ClientId => Connect?.ClientId ?? "";

    public MqttProtocolVersion Version => _channel.PacketFormatterAdapter.ProtocolVersion;

    public EndPoint? RemoteEndPoint { get; }

    /// <summary>Serves the client until the connection ends. Does not throw.</summary>
    public async Task RunAsync()
    {
        var sending = Task.CompletedTask;
        try
        {
            if (await OpenAsync().ConfigureAwait(false))
            {
                sending = Task.Run(SendLoopAsync);
                await ReceiveLoopAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (Closing.IsCancellationRequested || exception is MqttCommunicationException or OperationCanceledException or ObjectDisposedException)
        {
            _core.Log.Info("Client '{0}' at {1}: {2}", ClientId, RemoteEndPoint?.ToString() ?? "", exception.Message);
        }
        catch (MqttProtocolViolationException exception)
        {
            _core.Log.Warning(exception, "Client '{0}' at {1}: {2}", ClientId, RemoteEndPoint?.ToString() ?? "", exception.Message);
        }
        catch (Exception exception)
        {
            _core.Log.Error(exception, "Client '{0}' at {1}: an event handler failed.", ClientId, RemoteEndPoint?.ToString() ?? "");
        }

        await EndAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        if (_session is not null)
        {
            await _core.Sessions.DetachAsync(this, _session).ConfigureAwait(false);
        }

        using var timeout = new CancellationTokenSource(_core.Options.DefaultCommunicationTimeout);
        await _channel.DisconnectAsync(timeout.Token).ConfigureAwait(false);
    }

    /// <summary>Marks the connection as replaced; it handles no further packet.</summary>
    public void TakeOver() => IsTakenOver = true;

    /// <summary>Says goodbye, when the protocol has a way to, and ends the connection.</summary>
    public async Task StopAsync(MqttServerClientDisconnectOptions options)
    {
        // A plain "normal disconnection" is told by closing alone.
        if (options.ReasonCode != MqttDisconnectReasonCode.NormalDisconnection || options.ReasonString is not null || options.ServerReference is not null || options.UserProperties is { Count: > 0 })
        {
            await GoodbyeAsync(new MqttDisconnectPacket
            {
                ReasonCode = options.ReasonCode,
                ReasonString = options.ReasonString,
                ServerReference = options.ServerReference,
                UserProperties = options.UserProperties,
            }).ConfigureAwait(false);
        }

        await EndAsync().ConfigureAwait(false);
    }

    public ClientDisconnectedEventArgs DisconnectedArgs(MqttClientDisconnectType type) =>
        new(Connect!, type == MqttClientDisconnectType.Takeover ? null : Disconnect, type, RemoteEndPoint, _session?.Items ?? new Hashtable());

    /// <summary>Frees the connection after <see cref="RunAsync"/>.</summary>
    public void Dispose() => _closing.Dispose();

    private async Task EndAsync()
    {
        try
        {
            await _closing.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException exception)
        {
            // Whoever stops a connection may come after its end.
            _core.Log.Info("Client '{0}' is gone already: {1}", ClientId, exception.Message);
        }
    }

    /// <summary>Reads CONNECT, asks the host, answers. False when the client was refused.</summary>
    private async Task<bool> OpenAsync()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Closing);
        timeout.CancelAfter(_core.Options.DefaultCommunicationTimeout);
        if (await _channel.ReceivePacketAsync(timeout.Token).ConfigureAwait(false) is not MqttConnectPacket connect)
        {
            return false;
        }

        Received(connect);
        Connect = connect;
        var items = new System.Collections.Concurrent.ConcurrentDictionary<object, object>();
        var args = new ValidatingConnectionEventArgs(connect, _channel, items);
        await _core.Events.ValidatingConnection.InvokeAsync(args).ConfigureAwait(false);
        if (connect.ClientId.Length == 0 && connect.ProtocolVersion == MqttProtocolVersion.V500)
        {
            connect.ClientId = args.AssignedClientIdentifier ?? "";
        }

        if (connect.ClientId.Length == 0 && args.ReasonCode == MqttConnectReasonCode.Success)
        {
            args.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
        }

        var answer = ConnAck(args, connect);
        if (args.ReasonCode != MqttConnectReasonCode.Success)
        {
            await _channel.SendPacketAsync(answer, timeout.Token).ConfigureAwait(false);
            return false;
        }

        (_session, answer.IsSessionPresent) = await _core.Sessions.AttachAsync(this, connect, items).ConfigureAwait(false);
        await SendAsync(answer, timeout.Token).ConfigureAwait(false);
        if (answer.IsSessionPresent)
        {
            Enqueue(_session.Unacknowledged());
        }

        var connected = new ClientConnectedEventArgs(connect, RemoteEndPoint, _session.Items);
        await _core.TryInvokeAsync(_core.Events.ClientConnected, connected).ConfigureAwait(false);
        return true;
    }

    private MqttConnAckPacket ConnAck(ValidatingConnectionEventArgs args, MqttConnectPacket connect) => new()
    {
        ReasonCode = args.ReasonCode,
        ReturnCode = ReturnCodes.ToReturnCode(args.ReasonCode),
        SharedSubscriptionAvailable = false,
        TopicAliasMaximum = ushort.MaxValue,
        AuthenticationMethod = args.AuthenticationMethod,
        AuthenticationData = args.ResponseAuthenticationData,
        AssignedClientIdentifier = args.AssignedClientIdentifier,
        ReasonString = args.ReasonString,
        ServerReference = args.ServerReference,
        UserProperties = args.ResponseUserProperties,

        // Section 3.2.2.3.2: the client must know when its session will not be kept.
        HasSessionExpiryInterval = connect.SessionExpiryInterval > 0 && !_core.Options.EnablePersistentSessions,
    };
}
