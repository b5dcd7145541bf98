using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Diagnostics.PacketInspection;
using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>The client: one connection at a time, and a new connect after each.</summary>
public sealed partial class MqttClient : IMqttClient
{
    private const int Disconnected = 0;
    private const int Connecting = 1;
    private const int Connected = 2;
    private const int Disconnecting = 3;

    private readonly SourceLog _log;
    private readonly AsyncEvent<MqttApplicationMessageReceivedEventArgs> _messageReceived = new();
    private readonly AsyncEvent<MqttClientConnectedEventArgs> _connected = new();
    private readonly AsyncEvent<MqttClientConnectingEventArgs> _connecting = new();
    private readonly AsyncEvent<MqttClientDisconnectedEventArgs> _disconnected = new();
    private int _state;
    private int _disposed;
    private ClientRun? _run;

    internal MqttClient(IMqttNetLogger logger) => _log = new SourceLog(logger, nameof(MqttClient));

    public event Func<MqttApplicationMessageReceivedEventArgs, Task> ApplicationMessageReceivedAsync
    {
        add => _messageReceived.Add(value);
        remove => _messageReceived.Remove(value);
    }

    public event Func<MqttClientConnectedEventArgs, Task> ConnectedAsync
    {
        add => _connected.Add(value);
        remove => _connected.Remove(value);
    }

    public event Func<MqttClientConnectingEventArgs, Task> ConnectingAsync
    {
        add => _connecting.Add(value);
        remove => _connecting.Remove(value);
    }

    public event Func<MqttClientDisconnectedEventArgs, Task> DisconnectedAsync
    {
        add => _disconnected.Add(value);
        remove => _disconnected.Remove(value);
    }

    public event Func<InspectMqttPacketEventArgs, Task> InspectPacketAsync
    {
        add => throw StandIn.Lacks("IMqttClient.InspectPacketAsync");
        remove => throw StandIn.Lacks("IMqttClient.InspectPacketAsync");
    }

    public bool IsConnected => Volatile.Read(ref _state) == Connected;

    public MqttClientOptions? Options { get; private set; }

    public async Task<MqttClientConnectResult> ConnectAsync(MqttClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.ChannelOptions is null)
        {
            throw new ArgumentException("The options name no server.", nameof(options));
        }

        if (options.ValidateFeatures)
        {
            options.ThrowIfNotSupported();
        }

        ThrowIfDisposed();
        if (Interlocked.CompareExchange(ref _state, Connecting, Disconnected) != Disconnected)
        {
            throw new InvalidOperationException("The client is connected, or a connect or disconnect is under way.");
        }

        Options = options;
        var run = new ClientRun(options);
        _run = run;
        try
        {
            await _connecting.InvokeAsync(new MqttClientConnectingEventArgs(options)).ConfigureAwait(false);
            using var timeout = TimeoutOr(cancellationToken, options);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout?.Token ?? cancellationToken, run.Stopping);
            run.Link = await ClientLink.OpenAsync(options, linked.Token).ConfigureAwait(false);
            var result = await AuthenticateAsync(run, linked.Token).ConfigureAwait(false);
            if (result.ResultCode != MqttClientConnectResultCode.Success)
            {
                await EndAsync(run, null, result).ConfigureAwait(false);
                return result;
            }

            if (Interlocked.CompareExchange(ref _state, Connected, Connecting) == Connecting)
            {
                Start(run, result);
                await _connected.InvokeAsync(new MqttClientConnectedEventArgs(result)).ConfigureAwait(false);
            }

            return result;
        }
        catch (Exception exception)
        {
            await EndAsync(run, exception, null).ConfigureAwait(false);
            throw;
        }
    }

    public async Task DisconnectAsync(MqttClientDisconnectOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfDisposed();
        if (_run is not { } run || !TryBeginEnd(out var wasConnected))
        {
            return;
        }

        try
        {
            if (!wasConnected)
            {
                throw new MqttClientNotConnectedException();
            }

            run.DisconnectReason = (MqttClientDisconnectReason)options.Reason;
            run.CleanDisconnect = true;
            if (run.Options.ValidateFeatures)
            {
                options.ThrowIfNotSupported(run.Options.ProtocolVersion);
            }

            var packet = new MqttDisconnectPacket
            {
                ReasonCode = (MqttDisconnectReasonCode)options.Reason,
                ReasonString = options.ReasonString,
                SessionExpiryInterval = options.SessionExpiryInterval,
                UserProperties = options.UserProperties,
            };
            using var timeout = TimeoutOr(cancellationToken, run.Options);
            await run.Link!.SendAsync(packet, timeout?.Token ?? cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await FinishAsync(run, null, null, wasConnected).ConfigureAwait(false);
        }
    }

    public async Task PingAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var run = ConnectedRun();
        using var timeout = TimeoutOr(cancellationToken, run.Options);
        await PingAsync(run, timeout?.Token ?? cancellationToken).ConfigureAwait(false);
    }

    public Task SendEnhancedAuthenticationExchangeDataAsync(MqttEnhancedAuthenticationExchangeData data, CancellationToken cancellationToken = default) =>
        throw StandIn.Lacks("IMqttClient.SendEnhancedAuthenticationExchangeDataAsync");

    /// <summary>Closes the connection without DISCONNECT, if there is one.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _run?.Abort();
        }
    }

    private static CancellationTokenSource? TimeoutOr(CancellationToken cancellationToken, MqttClientOptions options) =>
        cancellationToken.CanBeCanceled ? null : new CancellationTokenSource(options.Timeout);

    private static async Task<MqttClientConnectResult> AuthenticateAsync(ClientRun run, CancellationToken cancellationToken)
    {
        try
        {
            await run.Link!.SendAsync(ConnectPacket(run.Options), cancellationToken).ConfigureAwait(false);
            return await run.Link.ReadAsync(cancellationToken).ConfigureAwait(false) switch
            {
                MqttConnAckPacket connAck => MqttClientConnectResult.From(connAck),
                MqttAuthPacket => throw StandIn.Lacks("enhanced authentication"),
                null => throw new MqttCommunicationException("The server closed the connection."),
                var other => throw new MqttProtocolViolationException($"The server answered CONNECT with {other}."),
            };
        }
        catch (Exception exception)
        {
            throw new MqttConnectingFailedException($"Error while authenticating. {exception.Message}", exception);
        }
    }

    private static MqttConnectPacket ConnectPacket(MqttClientOptions options) => new()
    {
        ClientId = options.ClientId ?? "",
        Username = options.Credentials?.GetUserName(options),
        Password = options.Credentials?.GetPassword(options),
        CleanSession = options.CleanSession,
        KeepAlivePeriod = (ushort)Math.Clamp(options.KeepAlivePeriod.TotalSeconds, 0, ushort.MaxValue),
        AuthenticationMethod = options.AuthenticationMethod,
        AuthenticationData = options.AuthenticationData,
        MaximumPacketSize = options.MaximumPacketSize,
        ReceiveMaximum = options.ReceiveMaximum,
        RequestProblemInformation = options.RequestProblemInformation,
        RequestResponseInformation = options.RequestResponseInformation,
        SessionExpiryInterval = options.SessionExpiryInterval,
        TopicAliasMaximum = options.TopicAliasMaximum,
        TryPrivate = options.TryPrivate,
        UserProperties = options.UserProperties,
        WillFlag = !string.IsNullOrEmpty(options.WillTopic),
        WillTopic = options.WillTopic,
        WillMessage = options.WillPayload,
        WillQoS = options.WillQualityOfServiceLevel,
        WillRetain = options.WillRetain,
        WillContentType = options.WillContentType,
        WillCorrelationData = options.WillCorrelationData,
        WillDelayInterval = options.WillDelayInterval,
        WillMessageExpiryInterval = options.WillMessageExpiryInterval,
        WillPayloadFormatIndicator = options.WillPayloadFormatIndicator,
        WillResponseTopic = options.WillResponseTopic,
        WillUserProperties = options.WillUserProperties,
    };

    private ClientRun ConnectedRun()
    {
        ThrowIfDisposed();
        return IsConnected && _run is { } run ? run : throw new MqttClientNotConnectedException();
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
}
