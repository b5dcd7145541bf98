using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
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
        await subscribing.WaitAsync(TimeSpan.FromMinutes(1));

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

    [Fact]
    public async Task A_subscription_is_tried_on_where_Redis_comes_back_and_hangs_at_once()
    {
        var options = ConfigurationOptions.Parse(redis.ConnectionString);
        (options.AsyncTimeout, options.HeartbeatInterval) = (300, TimeSpan.FromMilliseconds(100));
        (options.BacklogPolicy, options.ReconnectRetryPolicy) = (BacklogPolicy.FailFast, new LinearRetry(50));
        await using var client = await ConnectionMultiplexer.ConnectAsync(options);
        var (channel, failures) = (RedisChannel.Literal($"{Guid.NewGuid()}"), 0);
        var heard = new ConcurrentQueue<string>();
        await redis.StopAsync();
        try
        {
            // Between a failure and taking the subscription back it is logged.
            var subscriptions = new Subscriptions(client, TimeProvider.System, new Log(() => FailedAsync().GetAwaiter().GetResult()));
            await Task.Run(() => subscriptions.SubscribeAsync(channel, message => heard.Enqueue(message!), CancellationToken.None))
                .WaitAsync(TimeSpan.FromSeconds(60));
        }
        finally
        {
            await redis.ResumeAsync();
        }

        foreach (var message in (string[])["one", "two"])
        {
            await client.GetSubscriber().PublishAsync(channel, message);
            await Eventually.TrueAsync(() => Task.FromResult(heard.Contains(message)), "it is heard");
        }

        Assert.Equal(["one", "two"], heard);

        async Task FailedAsync()
        {
            switch (++failures)
            {
                case 1:
                    await redis.StartAsync();
                    await Eventually.TrueAsync(
                        () => Task.FromResult(client.GetSubscriber().SubscribedEndpoint(channel) is not null),
                        "the client subscribes by itself"
                    );
                    await redis.PauseAsync();
                    break;
                case 2:
                    await redis.ResumeAsync();
                    break;
            }
        }
    }

    private sealed class Log(Action logged) : ILogger<Subscriptions>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> format) => logged();
    }
}
