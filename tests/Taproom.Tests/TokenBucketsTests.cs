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
    public void Many_others_do_not_make_an_empty_bucket_forgotten()
    {
        var buckets = new TokenBuckets<int>(tokens: 1, TimeSpan.FromHours(1), limit: 1);
        foreach (var key in Enumerable.Range(0, 3_000))
        {
            Assert.True(buckets.Take(key).IsAcquired);
        }

        Assert.True(buckets.IsEmpty(0));
    }

    [Fact]
    public async Task A_bucket_fills_with_time()
    {
        var buckets = new TokenBuckets<int>(tokens: 1, TimeSpan.FromMilliseconds(100), limit: 1);
        buckets.Take(-1).Dispose();

        await Eventually.TrueAsync(() => Task.FromResult(buckets.Take(-1).IsAcquired), "there is a token again");
    }
}
