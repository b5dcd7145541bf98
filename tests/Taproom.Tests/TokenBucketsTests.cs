using System.Threading.RateLimiting;
using Testing;

namespace Taproom.Tests;

public sealed class TokenBucketsTests
{
    [Fact]
    public void Each_key_has_a_bucket_of_its_own_and_who_takes_too_much_is_told_when_to_come_again()
    {
        var buckets = new TokenBuckets<string>(tokens: 1, TimeSpan.FromHours(1), limit: 2);

        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => buckets.Take("one").IsAcquired));
        Assert.True(buckets.IsEmpty("one"));
        Assert.True(buckets.Take("one").TryGetMetadata(MetadataName.RetryAfter, out var after));
        Assert.Equal(TimeSpan.FromHours(1), after);
        Assert.False(buckets.IsEmpty("another"));
        Assert.True(buckets.Take("another").IsAcquired);
    }

    [Fact]
    public async Task A_bucket_fills_with_time_and_many_others_do_not_make_it_forgotten()
    {
        var buckets = new TokenBuckets<int>(tokens: 1, TimeSpan.FromSeconds(1), limit: 50);
        Assert.All(Enumerable.Range(0, 50), _ => Assert.True(buckets.Take(-1).IsAcquired));
        foreach (var key in Enumerable.Range(0, 3_000))
        {
            buckets.Take(key).Dispose();
        }

        Assert.True(buckets.IsEmpty(-1));
        await Eventually.TrueAsync(() => Task.FromResult(buckets.Take(-1).IsAcquired), "there is a token again");
    }
}
