using System.Threading.Channels;

namespace Ingest.Api.Webhooks;

/// <summary>Wakes one waiter; signals that come before it waits are one.</summary>
internal sealed class WebhookSignal(TimeProvider time)
{
    private readonly Channel<bool> _set = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }
    );

    /// <summary>There is something to look at.</summary>
    public void Set() => _set.Writer.TryWrite(true);

    /// <summary>Waits for a signal.</summary>
    /// <param name="longest">How long at most; null for without an end.</param>
    /// <param name="cancellationToken">Ends the wait, with an <see cref="OperationCanceledException"/>.</param>
    public async Task WaitAsync(TimeSpan? longest, CancellationToken cancellationToken)
    {
        using var end = new CancellationTokenSource(longest ?? Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        try
        {
            await _set.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It took too long.
        }
    }
}
