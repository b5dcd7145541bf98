using System.Collections.Concurrent;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Tests;

/// <summary>The client with a broker of another implementation.</summary>
public sealed class BrokerTests
{
    public static TheoryData<MqttProtocolVersion> Versions => [MqttProtocolVersion.V311, MqttProtocolVersion.V500];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Messages_of_every_qos_make_the_round(MqttProtocolVersion version)
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        using var client = new MqttClientFactory().CreateMqttClient();
        var received = new ConcurrentQueue<string>();
        client.ApplicationMessageReceivedAsync += args =>
        {
            received.Enqueue($"{args.ApplicationMessage.Topic} {(int)args.ApplicationMessage.QualityOfServiceLevel} {args.ApplicationMessage.ConvertPayloadToString()}");
            return Task.CompletedTask;
        };
        await client.ConnectAsync(Options(broker, "c", version).Build());
        var subscribed = await client.SubscribeAsync("round/#", MqttQualityOfServiceLevel.ExactlyOnce);
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS2, Assert.Single(subscribed.Items).ResultCode);

        for (var qos = 0; qos <= 2; qos++)
        {
            Assert.True((await client.PublishStringAsync($"round/{qos}", "hi", (MqttQualityOfServiceLevel)qos)).IsSuccess);
        }

        await Support.Eventually(() => received.Count == 3, "all messages come back");
        Assert.Equal(["round/0 0 hi", "round/1 1 hi", "round/2 2 hi"], received.Order());
        await client.PingAsync();
        Assert.Single((await client.UnsubscribeAsync("round/#")).Items);
        await client.DisconnectAsync();
        Assert.False(client.IsConnected);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_message_without_acknowledgement_comes_again_after_a_reconnect(MqttProtocolVersion version)
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        using var client = new MqttClientFactory().CreateMqttClient();
        var received = new ConcurrentQueue<MqttApplicationMessageReceivedEventArgs>();
        client.ApplicationMessageReceivedAsync += args =>
        {
            args.AutoAcknowledge = false;
            received.Enqueue(args);
            return Task.CompletedTask;
        };
        var options = Options(broker, "keeper", version).WithCleanStart(false);
        if (version == MqttProtocolVersion.V500)
        {
            options.WithSessionExpiryInterval(300);
        }

        var built = options.Build();
        Assert.False((await client.ConnectAsync(built)).IsSessionPresent);
        await client.SubscribeAsync("keep", MqttQualityOfServiceLevel.AtLeastOnce);
        await client.PublishStringAsync("keep", "me", MqttQualityOfServiceLevel.AtLeastOnce);
        await Support.Eventually(() => received.Count == 1, "the message comes");

        await client.DisconnectAsync();
        Assert.True((await client.ConnectAsync(built)).IsSessionPresent);
        await Support.Eventually(() => received.Count == 2, "the message comes again");
        await received.Last().AcknowledgeAsync(CancellationToken.None);
        await client.PingAsync();
        await client.DisconnectAsync();
        await client.ConnectAsync(built);
        await client.PublishStringAsync("keep", "next", MqttQualityOfServiceLevel.AtLeastOnce);

        await Support.Eventually(() => received.Count == 3, "the next message comes");
        Assert.Equal(["me", "me", "next"], received.Select(r => r.ApplicationMessage.ConvertPayloadToString()));
        Assert.True(received.ElementAt(1).ApplicationMessage.Dup);
        await Assert.ThrowsAsync<InvalidOperationException>(() => received.ElementAt(1).AcknowledgeAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_shared_subscription_gives_each_message_to_one_client()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        var received = new ConcurrentQueue<string>();
        var clients = new List<IMqttClient>();
        try
        {
            for (var i = 0; i < 2; i++)
            {
                var client = new MqttClientFactory().CreateMqttClient();
                clients.Add(client);
                client.ApplicationMessageReceivedAsync += args =>
                {
                    received.Enqueue($"{args.ClientId} {args.ApplicationMessage.ConvertPayloadToString()}");
                    return Task.CompletedTask;
                };
                await client.ConnectAsync(Options(broker, $"share{i}", MqttProtocolVersion.V500).Build());
                await client.SubscribeAsync("$share/taproom/taps/+/pours", MqttQualityOfServiceLevel.AtLeastOnce);
            }

            for (var i = 0; i < 20; i++)
            {
                await clients[0].PublishStringAsync($"taps/{i}/pours", $"{i}", MqttQualityOfServiceLevel.AtLeastOnce);
            }

            await Support.Eventually(() => received.Count >= 20, "all messages come");
            Assert.Equal(Enumerable.Range(0, 20).Order(), received.Select(r => int.Parse(r.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)).Order());
            Assert.Equal(2, received.Select(r => r.Split(' ')[0]).Distinct().Count());
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_client_hears_of_the_end_of_the_broker_and_connects_to_its_successor(MqttProtocolVersion version)
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        using var client = new MqttClientFactory().CreateMqttClient();
        var disconnected = new TaskCompletionSource<MqttClientDisconnectedEventArgs>();
        client.DisconnectedAsync += args =>
        {
            disconnected.TrySetResult(args);
            return Task.CompletedTask;
        };
        var options = Options(broker, "survivor", version).Build();
        await client.ConnectAsync(options);

        await broker.StopAsync();

        var args = await Support.InTime(disconnected.Task, "the client notices");
        Assert.True(args.ClientWasConnected);
        Assert.False(client.IsConnected);
        await Assert.ThrowsAsync<Exceptions.MqttClientNotConnectedException>(() => client.PublishStringAsync("x", "y", MqttQualityOfServiceLevel.AtLeastOnce));
        await Assert.ThrowsAsync<Exceptions.MqttCommunicationException>(() => client.ConnectAsync(options));
        await broker.StartAsync();
        Assert.Equal(MqttClientConnectResultCode.Success, (await client.ConnectAsync(options)).ResultCode);
        Assert.True((await client.PublishStringAsync("x", "y", MqttQualityOfServiceLevel.AtLeastOnce)).IsSuccess);
    }

    [Fact]
    public async Task A_client_that_goes_without_goodbye_leaves_its_will()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        using var watcher = new MqttClientFactory().CreateMqttClient();
        var will = new TaskCompletionSource<MqttApplicationMessage>();
        watcher.ApplicationMessageReceivedAsync += args =>
        {
            will.TrySetResult(args.ApplicationMessage);
            return Task.CompletedTask;
        };
        await watcher.ConnectAsync(Options(broker, "watcher", MqttProtocolVersion.V311).Build());
        await watcher.SubscribeAsync("taps/+/status");
        var tap = new MqttClientFactory().CreateMqttClient();
        await tap.ConnectAsync(Options(broker, "tap", MqttProtocolVersion.V500)
            .WithWillTopic("taps/1/status").WithWillPayload("offline").WithWillRetain().WithWillUserProperty("why", "gone"u8.ToArray().AsMemory()).Build());

        tap.Dispose();

        Assert.Equal("offline", (await Support.InTime(will.Task, "the will comes")).ConvertPayloadToString());
    }

    [Fact]
    public async Task Properties_of_version_5_pass_the_broker()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        using var client = new MqttClientFactory().CreateMqttClient();
        var received = new TaskCompletionSource<MqttApplicationMessage>();
        client.ApplicationMessageReceivedAsync += args =>
        {
            received.TrySetResult(args.ApplicationMessage);
            return Task.CompletedTask;
        };
        await client.ConnectAsync(Options(broker, "props", MqttProtocolVersion.V500).WithUserProperty("who", "me"u8.ToArray().AsMemory()).Build());
        await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter("p", MqttQualityOfServiceLevel.AtLeastOnce).WithSubscriptionIdentifier(300).Build());

        await client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic("p").WithPayload("text").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .WithUserProperty("traceparent", "00-1-2-01"u8.ToArray().AsMemory()).WithContentType("text/plain").WithResponseTopic("r").WithCorrelationData([1, 2])
            .WithMessageExpiryInterval(60).WithPayloadFormatIndicator(MqttPayloadFormatIndicator.CharacterData).Build());

        var message = await Support.InTime(received.Task, "the message comes back");
        Assert.Equal("00-1-2-01", Assert.Single(message.UserProperties!).ReadValueAsString());
        Assert.Equal(("text/plain", "r", MqttPayloadFormatIndicator.CharacterData, 300u), (message.ContentType, message.ResponseTopic, message.PayloadFormatIndicator, Assert.Single(message.SubscriptionIdentifiers!)));
        Assert.Equal([1, 2], message.CorrelationData!);
        Assert.InRange(message.MessageExpiryInterval, 50u, 60u);
    }

    private static MqttClientOptionsBuilder Options(MosquittoBroker broker, string id, MqttProtocolVersion version) =>
        new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.Port).WithClientId(id).WithProtocolVersion(version).WithTimeout(Support.Patience);
}
