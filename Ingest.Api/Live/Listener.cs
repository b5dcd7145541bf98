using System.Net.WebSockets;
using System.Threading.Channels;

namespace Ingest.Api.Live;

/// <summary>What a listener can listen to.</summary>
internal enum Topic
{
    /// <summary>New and deleted beers, and the report of shares.</summary>
    Beers,

    /// <summary>New messages.</summary>
    Messages,

    /// <summary>New activity events.</summary>
    Events,
}

/// <summary>One open socket. It has a bounded queue, so one that does not read slows no one and is dropped.</summary>
/// <param name="topic">What it hears.</param>
/// <param name="tap">The tap that listens, which is not told of its own pours; null for anybody else.</param>
internal sealed class Listener(Topic topic, int? tap)
{
    // Several full batches: a burst is no reason to drop who reads. Frames are shared by all listeners, so a place costs little.
    private const int QueueLength = 8_192;
    private const int MaxQueuedBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);

    private readonly Channel<ReadOnlyMemory<byte>> _frames = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true }
    );

    private readonly TaskCompletionSource _tooSlow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _queuedBytes;

    /// <summary>What it hears.</summary>
    public Topic Topic => topic;

    /// <summary>The tap that listens, or null.</summary>
    public int? Tap => tap;

    /// <summary>Queues a text frame; drops the listener when too much waits for it.</summary>
    public void Offer(ReadOnlyMemory<byte> text)
    {
        if (Interlocked.Add(ref _queuedBytes, text.Length) > MaxQueuedBytes || !_frames.Writer.TryWrite(text))
        {
            _tooSlow.TrySetResult();
        }
    }

    /// <summary>Sends what is offered, before too, until the other side closes, is dropped or the service stops.</summary>
    /// <param name="socket">The accepted socket.</param>
    /// <param name="stopping">The service stops.</param>
    public async Task RunAsync(WebSocket socket, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var silent = new CancellationTokenSource();
        var sending = SendAsync(socket, ended.Token);
        var receiving = ReceiveAsync(socket, silent.Token);
        await Task.WhenAny(sending, receiving, _tooSlow.Task);
        await ended.CancelAsync();
        silent.CancelAfter(ClosePatience);
        try
        {
            await sending;
            await CloseAsync(socket, silent.Token);
            await receiving;
        }
        catch (Exception ex) when (ex is OperationCanceledException or WebSocketException)
        {
            // The other side has gone without a word, or did not read: nothing is owed to it.
            socket.Abort();
        }
    }

    private async Task SendAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        // Whether there is a frame to send is where it may end; a frame half sent could not be followed by a close.
        while (await WaitAsync(cancellationToken))
        {
            while (_frames.Reader.TryRead(out var frame))
            {
                await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
                Interlocked.Add(ref _queuedBytes, -frame.Length);
            }
        }
    }

    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _frames.Reader.WaitToReadAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task ReceiveAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        // Nothing is expected of a listener but its close.
        var buffer = new byte[512];
        while ((await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken)).MessageType != WebSocketMessageType.Close) { }
    }

    private static Task CloseAsync(WebSocket socket, CancellationToken cancellationToken) =>
        socket.State switch
        {
            WebSocketState.CloseReceived => socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken),
            WebSocketState.Open => socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "The service stops.", cancellationToken),
            _ => Task.CompletedTask,
        };
}
