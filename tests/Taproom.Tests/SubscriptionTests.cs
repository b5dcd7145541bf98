using System.Collections.Concurrent;
using Taproom.Signals;
using Testing;

namespace Taproom.Tests;

[Collection(nameof(RedisCollection))]
public sealed class SubscriptionTests(RedisServer redis)
{
    [Fact]
    public async Task A_subscription_that_is_tried_until_Redis_is_back_hears_every_message_once()
    {
        await using var stream = new Stream(redis);
        var deletions = stream.Get<Deletions>();
        var heard = new ConcurrentQueue<Guid>();
        await stream.AppendAsync();
        await redis.StopAsync();

        var subscribing = deletions.SubscribeAsync(heard.Enqueue);
        await redis.StartAsync();
        await subscribing.WaitAsync(TimeSpan.FromSeconds(20));

        await HearAsync();
        var id = Guid.NewGuid();
        await deletions.PublishAsync(id);
        await HearAsync();
        Assert.Single(heard, id);

        Task HearAsync()
        {
            var probes = new ConcurrentQueue<Guid>();
            return Eventually.TrueAsync(
                async () =>
                {
                    probes.Enqueue(Guid.NewGuid());
                    await deletions.PublishAsync(probes.Last());
                    return heard.Intersect(probes).Any();
                },
                "messages are heard"
            );
        }
    }
}
