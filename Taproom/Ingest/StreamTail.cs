using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Follows the ingest stream from its end, for live readers; takes part in no group and acknowledges nothing.</summary>
/// <remarks>A reader sees every entry once, in stream order, as long as it lags less than <see cref="IngestOptions.Retention"/>.</remarks>
public sealed class StreamTail(IConnectionMultiplexer redis, IOptions<IngestOptions> options, TimeProvider time)
{
    private const int BatchSize = 500;
    private static readonly TimeSpan IdleDelay = TimeSpan.FromMilliseconds(20);

    private readonly RedisKey _stream = options.Value.StreamKey;

    /// <summary>The position of the newest entry; <c>0-0</c> when there is none.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task<string> EndAsync()
    {
        var newest = await redis.GetDatabase().StreamRangeAsync(_stream, count: 1, messageOrder: Order.Descending);
        return newest.Length > 0 ? newest[0].Id! : "0-0";
    }

    /// <summary>Yields the entries after a position as they come, without end; entries that cannot be read are left out.</summary>
    /// <param name="after">A position that <see cref="EndAsync"/> or a delivery gave.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="RedisException">Redis refused, or cannot be reached: go on from the last position after a pause.</exception>
    public async IAsyncEnumerable<Delivery> FollowAsync(string after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entries = await redis.GetDatabase().StreamReadAsync(_stream, after, BatchSize);
            foreach (var entry in entries)
            {
                after = entry.Id!;
                if (IngestEntry.FromFields(entry) is { } read)
                {
                    yield return new Delivery(after, read);
                }
            }

            if (entries.Length == 0)
            {
                await Task.Delay(IdleDelay, time, cancellationToken);
            }
        }
    }
}
