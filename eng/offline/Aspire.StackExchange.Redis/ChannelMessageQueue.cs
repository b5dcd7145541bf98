using System.Threading.Channels;

namespace StackExchange.Redis;

/// <summary>The messages of one subscription, read one after the other.</summary>
/// <remarks>Unlike the real queue it is fed by handlers that may run side by side, so close messages can change places.</remarks>
public sealed class ChannelMessageQueue : IAsyncEnumerable<ChannelMessage>
{
    private readonly ISubscriber _subscriber;
    private readonly Channel<ChannelMessage> _messages =
        System.Threading.Channels.Channel.CreateUnbounded<ChannelMessage>(new UnboundedChannelOptions { SingleReader = true });

    internal ChannelMessageQueue(ISubscriber subscriber, RedisChannel channel)
    {
        _subscriber = subscriber;
        Channel = channel;
    }

    /// <summary>The channel or pattern.</summary>
    public RedisChannel Channel { get; }

    /// <summary>Completes when the subscription ended and every message was read.</summary>
    public Task Completion => _messages.Reader.Completion;

    /// <summary>Waits for the next message.</summary>
    /// <exception cref="ChannelClosedException">The subscription ended.</exception>
    public ValueTask<ChannelMessage> ReadAsync(CancellationToken cancellationToken = default) => _messages.Reader.ReadAsync(cancellationToken);

    /// <summary>Takes a message when one is there.</summary>
    public bool TryRead(out ChannelMessage item) => _messages.Reader.TryRead(out item);

    /// <inheritdoc/>
    public IAsyncEnumerator<ChannelMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        => _messages.Reader.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>Not in the stand-in: read the queue instead.</summary>
    public void OnMessage(Func<ChannelMessage, Task> handler)
        => throw new NotSupportedException("The stand-in Aspire.StackExchange.Redis has no ChannelMessageQueue.OnMessage; read the queue instead.");

    /// <summary>Ends the subscription.</summary>
    public async Task UnsubscribeAsync(CommandFlags flags = CommandFlags.None)
    {
        _messages.Writer.TryComplete();
        await _subscriber.UnsubscribeAsync(Channel, Write, flags).ConfigureAwait(false);
    }

    internal void Write(RedisChannel channel, RedisValue message) => _messages.Writer.TryWrite(new ChannelMessage(Channel, channel, message));
}
