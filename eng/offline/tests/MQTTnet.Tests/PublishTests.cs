using System.Collections.Concurrent;
using System.Text;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace MQTTnet.Tests;

/// <summary>Messages from the client to the server: when and how they are acknowledged.</summary>
public sealed class PublishTests
{
    [Theory]
    [InlineData(4, MqttQualityOfServiceLevel.AtLeastOnce)]
    [InlineData(5, MqttQualityOfServiceLevel.AtLeastOnce)]
    [InlineData(4, MqttQualityOfServiceLevel.ExactlyOnce)]
    [InlineData(5, MqttQualityOfServiceLevel.ExactlyOnce)]
    public async Task The_acknowledgement_waits_for_the_handler_and_other_connections_do_not(byte version, MqttQualityOfServiceLevel qos)
    {
        var gate = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(prepare: s => s.InterceptingPublishAsync += args =>
        {
            if (args.ApplicationMessage.Topic != "slow")
            {
                return Task.CompletedTask;
            }

            entered.TrySetResult();
            return gate.Task;
        });
        var slow = await server.ConnectAsync("slow", (MqttProtocolVersion)version);
        var other = await server.ConnectAsync("other");

        var publishing = slow.PublishStringAsync("slow", "1", qos);
        await entered.Task.WaitAsync(Support.Patience);
        await server.AssertWorksAsync(other);
        Assert.False(publishing.IsCompleted);
        gate.SetResult();

        Assert.True((await Support.InTime(publishing, "the acknowledgement comes")).IsSuccess);
    }

    [Fact]
    public async Task One_message_of_a_connection_is_handled_at_a_time_and_in_order()
    {
        var inside = 0;
        var most = 0;
        await using var server = await TestServer.StartAsync(prepare: s => s.InterceptingPublishAsync += async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        });
        var client = await server.ConnectAsync("c");

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => client.PublishStringAsync("t", $"{i}", MqttQualityOfServiceLevel.AtLeastOnce)));

        Assert.Equal(1, most);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), server.Published.Select(m => m.ConvertPayloadToString()));
    }

    [Theory]
    [InlineData(5, MqttQualityOfServiceLevel.AtLeastOnce, MqttClientPublishReasonCode.PayloadFormatInvalid)]
    [InlineData(5, MqttQualityOfServiceLevel.ExactlyOnce, MqttClientPublishReasonCode.PayloadFormatInvalid)]
    [InlineData(4, MqttQualityOfServiceLevel.AtLeastOnce, MqttClientPublishReasonCode.Success)]
    [InlineData(4, MqttQualityOfServiceLevel.ExactlyOnce, MqttClientPublishReasonCode.Success)]
    public async Task A_refusal_is_told_in_version_5_only(byte version, MqttQualityOfServiceLevel qos, MqttClientPublishReasonCode told)
    {
        await using var server = await TestServer.StartAsync(prepare: s => s.InterceptingPublishAsync += args =>
        {
            args.Response.ReasonCode = MqttPubAckReasonCode.PayloadFormatInvalid;
            args.ProcessPublish = false;
            return Task.CompletedTask;
        });
        var client = await server.ConnectAsync("c", (MqttProtocolVersion)version);

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(told, (await client.PublishStringAsync("t", "x", qos).WaitAsync(Support.Patience)).ReasonCode);
        }

        Assert.Equal(3, server.Published.Count);
    }

    [Fact]
    public async Task Without_subscribers_the_reason_code_says_so()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync("c");

        var result = await client.PublishStringAsync("t", "x", MqttQualityOfServiceLevel.AtLeastOnce);

        Assert.Equal((MqttClientPublishReasonCode.NoMatchingSubscribers, true), (result.ReasonCode, result.IsSuccess));
    }

    [Fact]
    public async Task A_handler_that_fails_ends_the_connection_without_an_acknowledgement()
    {
        await using var server = await TestServer.StartAsync(prepare: s => s.InterceptingPublishAsync += args =>
            args.ApplicationMessage.Topic == "bad" ? throw new InvalidOperationException("broken handler") : Task.CompletedTask);
        var client = await server.ConnectAsync("c");
        var other = await server.ConnectAsync("other");

        await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => client.PublishStringAsync("bad", "x", MqttQualityOfServiceLevel.AtLeastOnce).WaitAsync(Support.Patience));

        await server.AssertWorksAsync(other);
    }

    [Fact]
    public async Task A_handler_may_close_the_connection()
    {
        await using var server = await TestServer.StartAsync(prepare: s => s.InterceptingPublishAsync += args =>
        {
            args.CloseConnection = true;
            return Task.CompletedTask;
        });
        var client = await server.ConnectAsync("c");

        var exception = await Assert.ThrowsAsync<MqttClientUnexpectedDisconnectReceivedException>(
            () => client.PublishStringAsync("t", "x", MqttQualityOfServiceLevel.AtLeastOnce).WaitAsync(Support.Patience));

        Assert.Equal(MqttDisconnectReasonCode.UnspecifiedError, exception.ReasonCode);
    }

    [Fact]
    public async Task A_repeated_message_of_qos_2_is_handled_again()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await RawClient.ConnectAsync(server.Port, 4, "raw");
        byte[] publish = [0x34, 0x06, 0, 1, (byte)'t', 0, 9, 1];
        byte[] again = [0x3C, 0x06, 0, 1, (byte)'t', 0, 9, 1];

        await client.SendAsync(publish);
        Assert.Equal([0x50, 2, 0, 9], (await client.ReadPacketAsync())!);
        await client.SendAsync(again);
        Assert.Equal([0x50, 2, 0, 9], (await client.ReadPacketAsync())!);
        await client.SendAsync(0x62, 2, 0, 9);
        Assert.Equal([0x70, 2, 0, 9], (await client.ReadPacketAsync())!);

        Assert.Equal(2, server.Published.Count);
    }

    [Fact]
    public async Task A_topic_alias_stands_for_its_topic()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync("c");

        await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic("long/topic").WithTopicAlias(3).WithPayload("1").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());
        await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopicAlias(3).WithPayload("2").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());

        Assert.Equal(["long/topic 1", "long/topic 2"], server.Published.Select(m => $"{m.Topic} {m.ConvertPayloadToString()}"));
    }

    [Fact]
    public async Task The_host_publishes_past_its_own_handlers_to_subscribers()
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
        await client.SubscribeAsync("taps/1/receipts", MqttQualityOfServiceLevel.AtLeastOnce);
        var payload = Encoding.UTF8.GetBytes("{\"ids\":[]}");
        var message = new MqttApplicationMessageBuilder().WithTopic("taps/1/receipts").WithPayload(payload)
            .WithUserProperty("traceparent", "00-1-2-01"u8.ToArray().AsMemory()).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();

        await server.Server.InjectApplicationMessage(new InjectedMqttApplicationMessage(message) { SenderClientId = "bridge" });
        payload.AsSpan().Clear();

        await Support.Eventually(() => received.Count == 1, "the message comes");
        Assert.Equal("{\"ids\":[]}", received.Single().ConvertPayloadToString());
        Assert.Equal("00-1-2-01", Assert.Single(received.Single().UserProperties!).ReadValueAsString());
        Assert.Equal("taps/1/receipts", Assert.Single(server.Published).Topic);
    }
}
