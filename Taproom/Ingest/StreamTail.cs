using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Follows the ingest stream for live readers; takes part in no group and acknowledges nothing.</summary>
/// <remarks>A reader sees every entry once, in stream order, as long as it lags less than <see cref="IngestOptions.Retention"/>.</remarks>
public sealed partial class StreamTail(IConnectionMultiplexer redis, IOptions<IngestOptions> options, TimeProvider time, ILogger<StreamTail> logger)
{
    private const int BatchSize = 500;
    private static readonly TimeSpan IdleDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(2);

    private readonly RedisKey _stream = options.Value.StreamKey;

    /// <summary>Reads entries as they come, until it is cancelled: after a failure it waits a little and goes on where it was.</summary>
    /// <param name="received">Takes one entry; those that cannot be read are left out. An entry for which it throws is not repeated.</param>
    /// <param name="connected">Told the end of the stream when reading begins, and again after each failure; it may throw to try again.</param>
    /// <param name="interrupted">Told that reading failed.</param>
    /// <param name="after">The position to begin after; null for the end of the stream.</param>
    /// <param name="cancellationToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    public async Task FollowAsync(
        Func<Delivery, CancellationToken, Task> received,
        Func<StreamId, Task>? connected = null,
        Action? interrupted = null,
        StreamId? after = null,
        CancellationToken cancellationToken = default
    )
    {
        var (position, failures) = (after, 0);
        while (true)
        {
            try
            {
                var end = StreamId.Parse(await EndAsync());
                position ??= end;
                await (connected?.Invoke(end) ?? Task.CompletedTask);
                LogFollowing(position.Value, end);
                failures = 0;
                await foreach (var delivery in ReadAsync(position.Value, cancellationToken))
                {
                    position = StreamId.Parse(delivery.Position);
                    await received(delivery, cancellationToken);
                }
            }
            catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
            {
                interrupted?.Invoke();
                var delay = Backoff.After(++failures, MaxBackoff);
                LogInterrupted(ex, failures, delay);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }

    /// <summary>The position of the newest entry; <c>0-0</c> when there is none.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task<string> EndAsync()
    {
        var newest = await redis.GetDatabase().StreamRangeAsync(_stream, count: 1, messageOrder: Order.Descending);
        return newest.Length > 0 ? newest[0].Id! : "0-0";
    }

    private async IAsyncEnumerable<Delivery> ReadAsync(StreamId after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entries = await redis.GetDatabase().StreamReadAsync(_stream, $"{after}", BatchSize);
            foreach (var entry in entries)
            {
                after = StreamId.Parse(entry.Id!);
                if (IngestEntry.FromFields(entry) is { } read)
                {
                    yield return new Delivery(entry.Id!, read);
                }
            }

            if (entries.Length == 0)
            {
                await Task.Delay(IdleDelay, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Following the stream from {Position}; it ends at {End} now.")]
    private partial void LogFollowing(StreamId position, StreamId end);

    [LoggerMessage(LogLevel.Error, "Following the stream failed {Failures} times in a row; next try in {Delay}.")]
    private partial void LogInterrupted(Exception exception, int failures, TimeSpan delay);
}
