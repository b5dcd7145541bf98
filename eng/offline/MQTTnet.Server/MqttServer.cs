using System.Collections;
using System.Collections.Concurrent;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server.Running;

namespace MQTTnet.Server;

/// <summary>An MQTT 3.1.1 and 5.0 server inside the process. Everything it stores is in memory.</summary>
public partial class MqttServer : IDisposable
{
    private readonly ServerCore _core;
    private readonly List<IMqttServerAdapter> _adapters;
    private readonly IMqttNetLogger _logger;
    private CancellationTokenSource? _stopping;
    private bool _disposed;

    public MqttServer(MqttServerOptions options, IEnumerable<IMqttServerAdapter> adapters, IMqttNetLogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(adapters);
        ArgumentNullException.ThrowIfNull(logger);
        _core = new ServerCore(options, logger);
        _adapters = [.. adapters];
        _logger = logger;
    }

    /// <summary>When false, new connections are closed at once.</summary>
    public bool AcceptNewConnections { get; set; } = true;

    public bool IsStarted => _stopping is not null;

    /// <summary>The session items of messages that the host publishes itself.</summary>
    public IDictionary ServerSessionItems { get; } = new ConcurrentDictionary<object, object>();

    public Task DeleteRetainedMessagesAsync()
    {
        ThrowIfNotStarted();
        return _core.Retained.ClearAsync();
    }

    /// <summary>Disconnects a client; an unknown identifier is an <see cref="InvalidOperationException"/>.</summary>
    public Task DisconnectClientAsync(string id, MqttServerClientDisconnectOptions options)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfNotStarted();
        var connection = _core.Sessions.FindConnection(id) ?? throw new InvalidOperationException($"There is no connected client '{id}'.");
        return connection.StopAsync(options);
    }

    public Task<IList<MqttClientStatus>> GetClientsAsync()
    {
        ThrowIfNotStarted();
        IList<MqttClientStatus> clients = [];
        foreach (var connection in _core.Sessions.Connections())
        {
            if (_core.Sessions.Find(connection.ClientId) is { } session)
            {
                clients.Add(new MqttClientStatus(connection, new MqttSessionStatus(session, _core)));
            }
        }

        return Task.FromResult(clients);
    }

    /// <summary>Returns null when nothing is stored for the topic.</summary>
    public Task<MqttApplicationMessage?> GetRetainedMessageAsync(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ThrowIfNotStarted();
        return Task.FromResult(_core.Retained.Find(topic));
    }

    public Task<IList<MqttApplicationMessage>> GetRetainedMessagesAsync()
    {
        ThrowIfNotStarted();
        return Task.FromResult<IList<MqttApplicationMessage>>(_core.Retained.All());
    }

    public Task<IList<MqttSessionStatus>> GetSessionsAsync()
    {
        ThrowIfNotStarted();
        return Task.FromResult<IList<MqttSessionStatus>>([.. _core.Sessions.All().Select(session => new MqttSessionStatus(session, _core))]);
    }

    /// <summary>Publishes a message of the host; the handlers of <see cref="InterceptingPublishAsync"/> see it, too.</summary>
    public async Task InjectApplicationMessage(InjectedMqttApplicationMessage injectedApplicationMessage, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(injectedApplicationMessage);
        MqttTopicValidator.ThrowIfInvalid(injectedApplicationMessage.ApplicationMessage.Topic);
        ThrowIfNotStarted();
        await _core.DispatchAsync(
            injectedApplicationMessage.SenderClientId,
            injectedApplicationMessage.SenderUserName,
            injectedApplicationMessage.CustomSessionItems ?? ServerSessionItems,
            ServerCore.Own(injectedApplicationMessage.ApplicationMessage),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the listeners; a port that is taken is a <see cref="System.Net.Sockets.SocketException"/>.</summary>
    public async Task StartAsync()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_stopping is not null)
        {
            throw new InvalidOperationException("The MQTT server is already started.");
        }

        var stopping = new CancellationTokenSource();
        _stopping = stopping;
        try
        {
            await _core.Retained.LoadAsync().ConfigureAwait(false);
            _core.Sessions.Start();
            foreach (var adapter in _adapters)
            {
                adapter.ClientHandler = channel => ServeAsync(channel, stopping.Token);
                await adapter.StartAsync(_core.Options, _logger).ConfigureAwait(false);
            }
        }
        catch
        {
            _stopping = null;
            stopping.Dispose();
            throw;
        }

        _ = Task.Run(() => WatchAsync(stopping.Token));
        await _core.Events.Started.InvokeAsync(EventArgs.Empty).ConfigureAwait(false);
    }

    /// <summary>Disconnects all clients and closes the listeners.</summary>
    public async Task StopAsync(MqttServerStopOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (Interlocked.Exchange(ref _stopping, null) is not { } stopping)
        {
            return;
        }

        await Task.WhenAll(_core.Sessions.Connections().Select(connection => connection.StopAsync(options.DefaultClientDisconnectOptions))).ConfigureAwait(false);
        await stopping.CancelAsync().ConfigureAwait(false);
        foreach (var adapter in _adapters)
        {
            adapter.ClientHandler = null;
            await adapter.StopAsync().ConfigureAwait(false);
        }

        await _core.Events.Stopped.InvokeAsync(EventArgs.Empty).ConfigureAwait(false);
    }

    /// <summary>Subscribes a client's session; an unknown identifier is an <see cref="InvalidOperationException"/>.</summary>
    public async Task SubscribeAsync(string clientId, ICollection<MqttTopicFilter> topicFilters)
    {
        ArgumentNullException.ThrowIfNull(clientId);
        ArgumentNullException.ThrowIfNull(topicFilters);
        foreach (var filter in topicFilters)
        {
            MqttTopicValidator.ThrowIfInvalidSubscribe(filter.Topic);
        }

        var session = FindSession(clientId);
        var outcome = await Subscribing.SubscribeAsync(_core, session, topicFilters, 0, null, CancellationToken.None).ConfigureAwait(false);
        outcome.Retained.ForEach(packet => session.Enqueue(packet, out _));
    }

    /// <summary>Unsubscribes a client's session; an unknown identifier is an <see cref="InvalidOperationException"/>.</summary>
    public Task UnsubscribeAsync(string clientId, ICollection<string> topicFilters)
    {
        ArgumentNullException.ThrowIfNull(clientId);
        ArgumentNullException.ThrowIfNull(topicFilters);
        return Subscribing.UnsubscribeAsync(_core, FindSession(clientId), topicFilters, null, CancellationToken.None);
    }

    /// <summary>Stores a retained message without publishing it; an empty payload removes the stored one.</summary>
    public Task UpdateRetainedMessageAsync(MqttApplicationMessage retainedMessage)
    {
        ArgumentNullException.ThrowIfNull(retainedMessage);
        ThrowIfNotStarted();
        return _core.Retained.SetAsync("", ServerCore.Own(retainedMessage));
    }

    /// <summary>Closes listeners and connections without a goodbye; call <see cref="StopAsync"/> first for one.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || _disposed)
        {
            return;
        }

        _disposed = true;
        _adapters.ForEach(adapter => adapter.Dispose());
        if (Interlocked.Exchange(ref _stopping, null) is { } stopping)
        {
            stopping.Cancel();
        }
    }

    private async Task ServeAsync(IMqttChannelAdapter channel, CancellationToken stopping)
    {
        if (AcceptNewConnections && !stopping.IsCancellationRequested)
        {
            using var connection = new ClientConnection(_core, channel, stopping);
            await connection.RunAsync().ConfigureAwait(false);
        }
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(_core.Options.KeepAliveOptions.MonitorInterval, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
            {
                var silent = _core.Sessions.Connections().Where(connection => connection.IsSilentTooLong && !connection.Closing.IsCancellationRequested);
                await Task.WhenAll(silent.Select(connection => connection.StopAsync(new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.KeepAliveTimeout }))).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException exception)
        {
            _core.Log.Info("The keep-alive watch stopped: {0}", exception.Message);
        }
    }

    private Session FindSession(string clientId)
    {
        ThrowIfNotStarted();
        return _core.Sessions.Find(clientId) ?? throw new InvalidOperationException($"There is no session of client '{clientId}'.");
    }

    private void ThrowIfNotStarted()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_stopping is null)
        {
            throw new InvalidOperationException("The MQTT server is not started.");
        }
    }
}
