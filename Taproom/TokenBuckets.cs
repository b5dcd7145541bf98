using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Taproom;

/// <summary>A token bucket for each key. Nothing runs while nobody asks: a bucket is filled when it is asked, and forgotten once it is full again.</summary>
/// <remarks>In place of the library's <see cref="PartitionedRateLimiter{TResource}"/>, which wakes up ten times a second for that.</remarks>
/// <typeparam name="TKey">Who has a bucket.</typeparam>
/// <param name="tokens">Tokens that are added in each period.</param>
/// <param name="period">The period.</param>
/// <param name="limit">Most tokens of a bucket, which a new one has.</param>
public sealed class TokenBuckets<TKey>(int tokens, TimeSpan period, int limit)
    where TKey : notnull
{
    private const int NewOnesBetweenSweeps = 1_000;

    private readonly ConcurrentDictionary<TKey, TokenBucketRateLimiter> _buckets = new();
    private readonly TokenBucketRateLimiterOptions _options = new()
    {
        TokensPerPeriod = tokens,
        ReplenishmentPeriod = period,
        TokenLimit = limit,
        AutoReplenishment = false,
    };

    private int _added;

    /// <summary>Takes a token, if there is one.</summary>
    /// <returns>Whether it was taken; if not, with <see cref="MetadataName.RetryAfter"/>.</returns>
    public RateLimitLease Take(TKey key) => Filled(_buckets.GetOrAdd(key, Add)).AttemptAcquire();

    /// <summary>Whether there is none to take.</summary>
    public bool IsEmpty(TKey key) => _buckets.TryGetValue(key, out var bucket) && Filled(bucket).GetStatistics()!.CurrentAvailablePermits < 1;

    private static TokenBucketRateLimiter Filled(TokenBucketRateLimiter bucket)
    {
        bucket.TryReplenish();
        return bucket;
    }

    private TokenBucketRateLimiter Add(TKey key)
    {
        if (Interlocked.Increment(ref _added) % NewOnesBetweenSweeps == 0)
        {
            foreach (var old in _buckets)
            {
                if (Filled(old.Value).IdleDuration is not null)
                {
                    _buckets.TryRemove(old);
                }
            }
        }

        return new TokenBucketRateLimiter(_options);
    }
}
