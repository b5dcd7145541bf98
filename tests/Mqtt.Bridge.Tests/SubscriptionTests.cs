using System.Collections.Concurrent;
using Taproom.Ingest;
using Taproom.Signals;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class SubscriptionTests(RedisServer redis)
{
    [Fact]
    public async Task A_subscription_that_is_tried_until_Redis_is_back_hears_every_message_once()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var deletions = bridge.Get<Deletions>();
        var heard = new ConcurrentQueue<Guid>();
        async Task<bool> SubscribedAsync() => await Record.ExceptionAsync(() => deletions.SubscribeAsync(heard.Enqueue)) is null;

        await redis.StopAsync();
        var subscribed = await SubscribedAsync();
        await redis.StartAsync();
        await Eventually.TrueAsync(async () => subscribed || await SubscribedAsync(), "the subscription is made");

        await Eventually.TrueAsync(() => HeardAsync(Guid.NewGuid()), "messages are heard");
        var id = Guid.NewGuid();
        await deletions.PublishAsync(id);
        await Eventually.TrueAsync(() => HeardAsync(Guid.NewGuid()), "later messages are heard");
        Assert.Single(heard, id);

        async Task<bool> HeardAsync(Guid probe)
        {
            await deletions.PublishAsync(probe);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (!heard.Contains(probe) && !patience.IsCancellationRequested)
            {
                await timer.WaitForNextTickAsync(CancellationToken.None);
            }

            return heard.Contains(probe);
        }
    }
}
