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

    /// <summary>What a connection follows.</summary>
    public FollowedTaps FollowedBy(string connectionId) => _listeners[connectionId].Followed;

    /// <summary>Queues a frame for every connection that follows all taps; never waits.</summary>
    /// <param name="method">Name of the client's method.</param>
    /// <param name="argument">Its one argument.</param>
    public void Broadcast(string method, object argument) => Send(method, argument, followed => followed.All);

    /// <summary>Queues <c>pour</c> for every connection that follows its tap.</summary>
    public void Pour(PourFrame pour) => Send("pour", pour, followed => followed.Takes(pour));

    /// <summary>Queues <c>deleted</c> for every connection, as it may have had the pours from another one.</summary>
    public void Deleted(IReadOnlyList<Guid> ids) => Send("deleted", new DeletedFrame(ids), _ => true);

    /// <summary>Queues <c>stored</c>: all ids for who follows all taps, its own for who follows some.</summary>
    public void Stored(IReadOnlyList<Guid> ids)
    {
        Broadcast("stored", new StoredFrame(ids));
        foreach (var (connectionId, listener) in _listeners.Where(listener => !listener.Value.Followed.All))
        {
            if (ids.Where(listener.Followed.HasTaken).ToList() is { Count: > 0 } own)
            {
                Queue(connectionId, listener, Message("stored", new StoredFrame(own)));
            }
        }
    }

    private void Send(string method, object argument, Func<FollowedTaps, bool> isFor)
    {
        SerializedHubMessage? message = null;
        foreach (var (connectionId, listener) in _listeners)
        {
            if (isFor(listener.Followed))
            {
                Queue(connectionId, listener, message ??= Message(method, argument));
            }
        }
    }

    private void Queue(string connectionId, Listener listener, SerializedHubMessage message)
    {
        // Completing the queue succeeds once, so a listener is told off once.
        if (!listener.Queue.Writer.TryWrite(message) && listener.Queue.Writer.TryComplete())
        {
            LogTooSlow(connectionId, _buffer);
            _metrics.ListenerCutOff();
            listener.Connection.Abort();
        }
    }

    private static SerializedHubMessage Message(string method, object argument) => new(new InvocationMessage(method, [argument]));

    public override async Task OnConnectedAsync(HubConnectionContext connection)
    {
        await base.OnConnectedAsync(connection);
        var queue = Channel.CreateBounded<SerializedHubMessage>(new BoundedChannelOptions(_buffer) { SingleReader = true });
        _listeners[connection.ConnectionId] = new Listener(connection, queue, SendAsync(connection, queue.Reader));
        _metrics.ListenerCame();
    }

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

    private sealed record Listener(HubConnectionContext Connection, Channel<SerializedHubMessage> Queue, Task Sending)
    {
        public FollowedTaps Followed { get; } = new();
    }

    [LoggerMessage(LogLevel.Warning, "Listener {ConnectionId} is {Frames} frames behind and is disconnected.")]
    private partial void LogTooSlow(string connectionId, int frames);

    [LoggerMessage(LogLevel.Debug, "Listener {ConnectionId} left.")]
    private partial void LogLeft(string connectionId);
}
