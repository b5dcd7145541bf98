using System.Collections.Concurrent;
using System.Threading.Channels;
using Dashboard.Web.Board;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;

namespace Dashboard.Web.Push;

/// <summary>The connections of <see cref="PoursHub"/>, each with a bounded queue of its own.</summary>
/// <remarks>
/// SignalR's own broadcast completes when the slowest connection has taken the frame. Here a frame is serialised once for all,
/// queueing it never waits, and a connection whose queue is full is ended.
/// </remarks>
internal sealed partial class PoursListeners : DefaultHubLifetimeManager<PoursHub>
{
    private readonly ConcurrentDictionary<string, Listener> _listeners = new();
    private readonly int _buffer;
    private readonly PushMetrics _metrics;
    private readonly ILogger _logger;

    /// <summary>Starts without any listener.</summary>
    public PoursListeners(IOptions<DashboardOptions> options, PushMetrics metrics, ILogger<DefaultHubLifetimeManager<PoursHub>> logger)
        : base(logger)
    {
        _metrics = metrics;
        _buffer = options.Value.ListenerBuffer;
        _logger = logger;
    }

    /// <summary>How many connections listen now.</summary>
    public int Count => _listeners.Count;

    /// <summary>Queues a frame for every connection; never waits.</summary>
    /// <param name="method">Name of the client's method.</param>
    /// <param name="argument">Its one argument.</param>
    public void Broadcast(string method, object argument)
    {
        if (_listeners.IsEmpty)
        {
            return;
        }

        var message = new SerializedHubMessage(new InvocationMessage(method, [argument]));
        foreach (var (connectionId, listener) in _listeners)
        {
            // Completing the queue succeeds once, so a listener is told off once.
            if (!listener.Queue.Writer.TryWrite(message) && listener.Queue.Writer.TryComplete())
            {
                LogTooSlow(connectionId, _buffer);
                _metrics.ListenerCutOff();
                listener.Connection.Abort();
            }
        }
    }

    /// <inheritdoc />
    public override async Task OnConnectedAsync(HubConnectionContext connection)
    {
        await base.OnConnectedAsync(connection);
        var queue = Channel.CreateBounded<SerializedHubMessage>(new BoundedChannelOptions(_buffer) { SingleReader = true });
        _listeners[connection.ConnectionId] = new Listener(connection, queue, SendAsync(connection, queue.Reader));
        _metrics.ListenerCame();
    }

    /// <inheritdoc />
    public override async Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        if (_listeners.TryRemove(connection.ConnectionId, out var listener))
        {
            listener.Queue.Writer.TryComplete();
            await listener.Sending;
            _metrics.ListenerLeft();
        }

        await base.OnDisconnectedAsync(connection);
    }

    private async Task SendAsync(HubConnectionContext connection, ChannelReader<SerializedHubMessage> queue)
    {
        try
        {
            await foreach (var message in queue.ReadAllAsync(connection.ConnectionAborted))
            {
                await connection.WriteAsync(message, connection.ConnectionAborted);
            }
        }
        catch (OperationCanceledException) when (connection.ConnectionAborted.IsCancellationRequested)
        {
            LogLeft(connection.ConnectionId);
        }
    }

    private sealed record Listener(HubConnectionContext Connection, Channel<SerializedHubMessage> Queue, Task Sending);

    [LoggerMessage(LogLevel.Warning, "Listener {ConnectionId} is {Frames} frames behind and is disconnected.")]
    private partial void LogTooSlow(string connectionId, int frames);

    [LoggerMessage(LogLevel.Debug, "Listener {ConnectionId} left.")]
    private partial void LogLeft(string connectionId);
}
