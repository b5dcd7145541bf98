using System.Collections;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Wire;

namespace MQTTnet.Server.Running;

/// <summary>
/// One network connection, from CONNECT to its end. Packets are handled one after the other; answers are collected and written
/// together. A client that does not read is not read from either, so that nothing piles up.
/// </summary>
internal sealed partial class ClientConnection : IMqttChannelAdapter, IDisposable
{
    /// <summary>How long a goodbye may take.</summary>
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(1);

    private readonly ServerCore _core;
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly PacketReader _reader;
    private readonly CancellationTokenSource _closing;
    private Dictionary<ushort, string>? _topicAliases;
    private Session? _session;
    private bool _saidGoodbye;

    public ClientConnection(ServerCore core, Socket socket, Stream stream, X509Certificate2? clientCertificate, bool isSecure, CancellationToken serverStopping)
    {
        _core = core;
        _socket = socket;
        _stream = stream;
        ClientCertificate = clientCertificate;
        IsSecureConnection = isSecure;
        RemoteEndPoint = socket.RemoteEndPoint;
        _reader = new PacketReader(stream, ServerCore.MaximumPacketSize);
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

    public MqttProtocolVersion Version => Connect?.ProtocolVersion ?? MqttProtocolVersion.Unknown;

    public X509Certificate2? ClientCertificate { get; }

    public bool IsSecureConnection { get; }

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
        catch (MqttPacketRefusedException exception)
        {
            _core.Log.Warning(exception, "Client '{0}' at {1}: {2}", ClientId, RemoteEndPoint?.ToString() ?? "", exception.Message);
            await GoodbyeAsync(new MqttDisconnectPacket { ReasonCode = exception.ReasonCode, ReasonString = exception.Message }).ConfigureAwait(false);
        }
        catch (Exception exception) when (Closing.IsCancellationRequested || exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            _core.Log.Info("Client '{0}' at {1}: {2}", ClientId, RemoteEndPoint?.ToString() ?? "", exception.Message);
        }
        catch (Exception exception)
        {
            _core.Log.Error(exception, "Client '{0}' at {1}: an event handler failed.", ClientId, RemoteEndPoint?.ToString() ?? "");
            await GoodbyeAsync(new MqttDisconnectPacket { ReasonCode = MqttDisconnectReasonCode.UnspecifiedError }).ConfigureAwait(false);
        }

        await EndAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        if (_session is not null)
        {
            await _core.Sessions.DetachAsync(this, _session).ConfigureAwait(false);
        }

        await CloseSocketAsync().ConfigureAwait(false);
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
    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
        _closing.Dispose();
    }

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
        if (await ReadConnectAsync(timeout.Token).ConfigureAwait(false) is not { } connect)
        {
            return false;
        }

        Connect = connect;
        var items = new System.Collections.Concurrent.ConcurrentDictionary<object, object>();
        var args = new ValidatingConnectionEventArgs(connect, this, items);
        if (connect.ProtocolVersion == MqttProtocolVersion.Unknown)
        {
            args.ReasonCode = MqttConnectReasonCode.UnsupportedProtocolVersion;
        }
        else
        {
            await _core.Events.ValidatingConnection.InvokeAsync(args).ConfigureAwait(false);
            if (connect.ClientId.Length == 0 && connect.ProtocolVersion == MqttProtocolVersion.V500)
            {
                connect.ClientId = args.AssignedClientIdentifier ?? "";
            }

            if (connect.ClientId.Length == 0 && args.ReasonCode == MqttConnectReasonCode.Success)
            {
                args.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
            }
        }

        var answer = ConnAck(args, connect);
        if (args.ReasonCode != MqttConnectReasonCode.Success)
        {
            _saidGoodbye = true;
            await SendNowAsync(answer, timeout.Token).ConfigureAwait(false);
            return false;
        }

        (_session, answer.IsSessionPresent) = await _core.Sessions.AttachAsync(this, connect, items).ConfigureAwait(false);
        await SendNowAsync(answer, timeout.Token).ConfigureAwait(false);
        if (answer.IsSessionPresent)
        {
            Enqueue(_session.Unacknowledged());
        }

        var connected = new ClientConnectedEventArgs(connect, RemoteEndPoint, _session.Items);
        await _core.TryInvokeAsync(_core.Events.ClientConnected, connected).ConfigureAwait(false);
        return true;
    }

    private async Task<MqttConnectPacket?> ReadConnectAsync(CancellationToken cancellationToken)
    {
        MqttPacket? packet;
        while (!_reader.TryRead(MqttProtocolVersion.Unknown, out packet))
        {
            if (!await _reader.FillAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            // MQTT-3.1.0-1: anything but CONNECT ends the connection, before its body is taken.
            if (_reader.TryPeek(out var header) && header != 0x10)
            {
                throw MqttPacketRefusedException.Protocol("The first packet is not CONNECT.");
            }
        }

        Received(packet!);
        return (MqttConnectPacket)packet!;
    }

    private MqttConnAckPacket ConnAck(ValidatingConnectionEventArgs args, MqttConnectPacket connect) => new()
    {
        ReasonCode = args.ReasonCode,
        ReturnCode = ReturnCodes.ToReturnCode(args.ReasonCode),
        SharedSubscriptionAvailable = false,
        TopicAliasMaximum = ServerCore.TopicAliasMaximum,
        MaximumPacketSize = ServerCore.MaximumPacketSize,
        AuthenticationMethod = args.AuthenticationMethod,
        AuthenticationData = args.ResponseAuthenticationData,
        AssignedClientIdentifier = args.AssignedClientIdentifier,
        ReasonString = args.ReasonString,
        ServerReference = args.ServerReference,
        UserProperties = args.ResponseUserProperties,

        // Section 3.2.2.3.2: the client must know when its session will not be kept.
        HasSessionExpiryInterval = connect.SessionExpiryInterval > 0 && !_core.Options.EnablePersistentSessions,
    };

    private async Task CloseSocketAsync()
    {
        if (_saidGoodbye)
        {
            // Closing with unread bytes resets the connection, and the reset would overtake the goodbye.
            using var timeout = new CancellationTokenSource(GoodbyeTimeout);
            var rest = new byte[1024];
            try
            {
                _socket.Shutdown(SocketShutdown.Send);
                for (var i = 0; i < 64 && await _socket.ReceiveAsync(rest, timeout.Token).ConfigureAwait(false) > 0; i++)
                {
                }
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                _core.Log.Info("Client '{0}': {1}", ClientId, exception.Message);
            }
        }

        _socket.Dispose();
    }
}
