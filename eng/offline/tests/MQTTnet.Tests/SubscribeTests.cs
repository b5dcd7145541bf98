using System.Collections.Concurrent;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace MQTTnet.Tests;

/// <summary>Messages from the server to the client: who gets what, and for how long it is kept.</summary>
public sealed class SubscribeTests
{
    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a/b/c", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a", false)]
    [InlineData("a/+", "a/", true)]
    [InlineData("a/+/c", "a/b/c", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/#", "ab", false)]
    [InlineData("#", "a/b", true)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("+/x", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/x", true)]
    [InlineData("/+", "/a", true)]
    [InlineData("+/+", "/a", true)]
    [InlineData("+", "/a", false)]
    public async Task A_filter_gets_what_it_covers_live_and_retained(string filter, string topic, bool covers)
    {
        await using var server = await TestServer.StartAsync();
        var early = await ListenAsync(server, "early", filter);
        await server.Server.InjectApplicationMessage(topic, "x", MqttQualityOfServiceLevel.AtMostOnce, retain: true);
        await server.Server.InjectApplicationMessage("end", "x");
        var late = await ListenAsync(server, "late", filter);
        await server.Server.InjectApplicationMessage("end", "x");

        await Support.Eventually(() => early.Contains("end") && late.Contains("end"), "the last message comes");

        Assert.Equal(covers, early.Contains(topic));
        Assert.Equal(covers, late.Contains(topic));
    }

    [Fact]
    public async Task Overlapping_subscriptions_give_one_copy_with_the_higher_qos_and_all_identifiers()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.NewClient();
        var received = new ConcurrentQueue<MqttApplicationMessage>();
        client.ApplicationMessageReceivedAsync += args =>
        {
            received.Enqueue(args.ApplicationMessage);
            return Task.CompletedTask;
        };
        await client.ConnectAsync(server.ClientOptions("c").Build());
        await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter("a/+", MqttQualityOfServiceLevel.AtLeastOnce).WithSubscriptionIdentifier(1).Build());
        await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter("a/#", MqttQualityOfServiceLevel.AtMostOnce).WithSubscriptionIdentifier(2).Build());

        await server.Server.InjectApplicationMessage("a/b", "x", MqttQualityOfServiceLevel.ExactlyOnce);
        await server.Server.InjectApplicationMessage("a/b", "y", MqttQualityOfServiceLevel.ExactlyOnce);

        await Support.Eventually(() => received.Count == 2, "both messages come");
        Assert.All(received, m => Assert.Equal(MqttQualityOfServiceLevel.AtLeastOnce, m.QualityOfServiceLevel));
        Assert.All(received, m => Assert.Equal([1u, 2u], m.SubscriptionIdentifiers!.Order()));
    }

    [Fact]
    public async Task The_options_of_a_version_5_subscription_are_kept()
    {
        await using var server = await TestServer.StartAsync();
        await server.Server.InjectApplicationMessage("r", "old", MqttQualityOfServiceLevel.AtMostOnce, retain: true);
        var client = server.NewClient();
        var received = new ConcurrentQueue<string>();
        client.ApplicationMessageReceivedAsync += args =>
        {
            received.Enqueue($"{args.ApplicationMessage.Topic} {args.ApplicationMessage.ConvertPayloadToString()} {args.ApplicationMessage.Retain}");
            return Task.CompletedTask;
        };
        await client.ConnectAsync(server.ClientOptions("c").Build());
        await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter("r", retainAsPublished: true, retainHandling: MqttRetainHandling.DoNotSendOnSubscribe)
            .WithTopicFilter("own", noLocal: true)
            .WithTopicFilter("end").Build());

        await server.Server.InjectApplicationMessage("r", "new", MqttQualityOfServiceLevel.AtMostOnce, retain: true);
        await client.PublishStringAsync("own", "x", MqttQualityOfServiceLevel.AtLeastOnce);
        await server.Server.InjectApplicationMessage("own", "y");
        await client.PublishStringAsync("end", "x", MqttQualityOfServiceLevel.AtLeastOnce);

        await Support.Eventually(() => received.Count >= 3, "the messages come");
        Assert.Equal(["r new True", "own y False", "end x False"], received);
    }

    [Fact]
    public async Task The_host_may_refuse_a_filter_and_shared_subscriptions_are_always_refused()
    {
        await using var server = await TestServer.StartAsync(prepare: s => s.InterceptingSubscriptionAsync += args =>
        {
            if (args.TopicFilter.Topic.StartsWith("secret", StringComparison.Ordinal))
            {
                args.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
            }

            return Task.CompletedTask;
        });
        var client = await server.ConnectAsync("c");
        var old = await server.ConnectAsync("old", MqttProtocolVersion.V311);

        var result = await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter("a").WithTopicFilter("secret/#").WithTopicFilter("$share/g/b").WithTopicFilter("c", MqttQualityOfServiceLevel.ExactlyOnce).Build());
        var oldResult = await old.SubscribeAsync("secret/1");
        var unsubscribed = await client.UnsubscribeAsync(new MqttClientUnsubscribeOptionsBuilder().WithTopicFilter("a").WithTopicFilter("never").Build());

        Assert.Equal(
            [MqttClientSubscribeResultCode.GrantedQoS2, MqttClientSubscribeResultCode.GrantedQoS0, MqttClientSubscribeResultCode.NotAuthorized, MqttClientSubscribeResultCode.SharedSubscriptionsNotSupported],
            result.Items.Select(i => i.ResultCode));
        Assert.Equal(MqttClientSubscribeResultCode.UnspecifiedError, Assert.Single(oldResult.Items).ResultCode);
        Assert.Equal([MqttClientUnsubscribeResultCode.Success, MqttClientUnsubscribeResultCode.NoSubscriptionExisted], unsubscribed.Items.Select(i => i.ResultCode));
    }

    [Fact]
    public async Task A_full_queue_drops_the_oldest_message_and_says_so()
    {
        var overwritten = 0;
        await using var server = await TestServer.StartAsync(
            options => options.MaxPendingMessagesPerClient = 5,
            s => s.QueuedApplicationMessageOverwrittenAsync += _ => Task.FromResult(overwritten++));
        var away = await server.ConnectAsync("away", configure: o => o.WithCleanStart(false).WithSessionExpiryInterval(300));
        await away.SubscribeAsync("t", MqttQualityOfServiceLevel.AtLeastOnce);
        await away.DisconnectAsync();
        await Support.Eventually(() => !server.Disconnected.IsEmpty, "the client is away");
        for (var i = 0; i < 8; i++)
        {
            await server.Server.InjectApplicationMessage("t", $"{i}", MqttQualityOfServiceLevel.AtLeastOnce);
        }

        Assert.Equal(5, Assert.Single(await server.Server.GetSessionsAsync()).PendingApplicationMessagesCount);
        var received = new ConcurrentQueue<string?>();
        away.ApplicationMessageReceivedAsync += args =>
        {
            received.Enqueue(args.ApplicationMessage.ConvertPayloadToString());
            return Task.CompletedTask;
        };
        await away.ConnectAsync(server.ClientOptions("away").WithCleanStart(false).WithSessionExpiryInterval(300).Build());

        await Support.Eventually(() => received.Count == 5, "the kept messages come");
        Assert.Equal(["3", "4", "5", "6", "7"], received);
        Assert.Equal(3, overwritten);
    }

    [Fact]
    public async Task The_receive_maximum_bounds_what_is_in_flight_and_an_expired_message_is_not_sent()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.NewClient();
        var received = new ConcurrentQueue<MqttApplicationMessageReceivedEventArgs>();
        client.ApplicationMessageReceivedAsync += args =>
        {
            args.AutoAcknowledge = false;
            received.Enqueue(args);
            return Task.CompletedTask;
        };
        await client.ConnectAsync(server.ClientOptions("c").WithReceiveMaximum(2).Build());
        await client.SubscribeAsync("t", MqttQualityOfServiceLevel.AtLeastOnce);
        foreach (var (payload, expiry) in new[] { ("1", 0u), ("2", 0u), ("short", 1u), ("long", 100u) })
        {
            var message = new MqttApplicationMessageBuilder().WithTopic("t").WithPayload(payload).WithMessageExpiryInterval(expiry).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
            await server.Server.InjectApplicationMessage(new InjectedMqttApplicationMessage(message));
        }

        await Support.Eventually(() => received.Count == 2, "two messages come");
        await client.PingAsync();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Support.Eventually(() => clock.Elapsed > TimeSpan.FromSeconds(1.1), "the short message expires");
        Assert.Equal(2, received.Count);
        await received.First().AcknowledgeAsync(CancellationToken.None);

        await Support.Eventually(() => received.Count == 3, "the next message comes");
        Assert.Equal("long", received.Last().ApplicationMessage.ConvertPayloadToString());
        Assert.InRange(received.Last().ApplicationMessage.MessageExpiryInterval, 80u, 99u);
    }

    private static async Task<ConcurrentQueue<string>> ListenAsync(TestServer server, string id, string filter)
    {
        var client = server.NewClient();
        var topics = new ConcurrentQueue<string>();
        client.ApplicationMessageReceivedAsync += args =>
        {
            topics.Enqueue(args.ApplicationMessage.Topic);
            return Task.CompletedTask;
        };
        await client.ConnectAsync(server.ClientOptions(id).Build());
        var result = await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter(filter).WithTopicFilter("end").Build());
        Assert.All(result.Items, i => Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS0, i.ResultCode));
        return topics;
    }
}
