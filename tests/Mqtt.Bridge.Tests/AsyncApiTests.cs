using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Signals;
using Taproom.Store;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>Publishes every example of docs/asyncapi.yaml, which its parser finds valid, and compares what comes with what it says.</summary>
[Collection(nameof(RedisCollection))]
public sealed class AsyncApiTests(RedisServer redis)
{
    private readonly ConcurrentQueue<(int Tap, MqttApplicationMessage Message)> _heard = new();

    public static TheoryData<string, string> Received => Examples(isReceived: true);

    public static TheoryData<string, string> Sent => Examples(isReceived: false);

    public static TheoryData<string, int> Refused
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var operation in AsyncApiDocument.Operations.Where(operation => operation.IsReceived))
            {
                for (var n = 0; n < operation.Message.GetProperty("x-refused").GetArrayLength(); n++)
                {
                    data.Add(operation.Topic, n);
                }
            }

            return data;
        }
    }

    [Fact]
    public void It_has_every_topic_of_the_contract() =>
        Assert.Equal(
            [
                "receive taps/7/events",
                "receive taps/7/pours",
                "receive taps/7/readings",
                "receive taps/7/status",
                "send notices/pours",
                "send notices/report",
                "send taps/7/commands",
                "send taps/7/receipts",
            ],
            AsyncApiDocument
                .Operations.Select(operation => $"{(operation.IsReceived ? "receive" : "send")} {operation.Topic}")
                .Order(StringComparer.Ordinal)
        );

    [Theory, MemberData(nameof(Received))]
    public async Task What_a_tap_sends_is_answered_as_the_document_says(string topic, string example)
    {
        var operation = AsyncApiDocument.Of(topic);
        var sent = operation.Examples[example];
        var answer = operation.Message.GetProperty("x-answers").GetProperty(example);
        JsonElement[] expected = answer.TryGetProperty("published", out var published) ? [.. published.EnumerateArray()] : [];
        await using var bridge = await TestBridge.StartAsync(redis);
        using var seven = await ListenAsync(bridge, 7);
        using var eight = await ListenAsync(bridge, 8);
        using var tap = await bridge.ConnectAsync("7");
        await bridge.HearsReceiptsAsync();

        var result = await tap.PublishAsync(ToMessage(operation, sent));

        Assert.Equal(answer.GetProperty("reasonCode").GetInt32(), (int)result.ReasonCode);
        Assert.Equal(operation.IsRetained && Text(sent).Length > 0 ? 1 : 0, await bridge.RetainedAsync());
        foreach (var entry in await bridge.EntriesAsync())
        {
            Assert.Equal(TraceId(sent), entry.GetValueOrDefault("traceparent")?.Split('-')[1]);
            if (expected.Any(message => message.GetProperty("topic").ValueEquals("taps/7/receipts")))
            {
                // As the worker does when it is stored.
                await bridge.Get<Receipts>().PublishAsync(new Receipt("7", [Guid.Parse(entry["id"])]));
            }
        }

        await Eventually.TrueAsync(() => Task.FromResult(_heard.Count >= expected.Length), "all of it comes");
        Assert.Equal(expected.Length, _heard.Count);
        Assert.All(
            expected,
            message =>
            {
                var (to, on) = (message.GetProperty("to").GetInt32(), message.GetProperty("topic").GetString());
                var heard = Assert.Single(_heard, heard => heard.Tap == to && heard.Message.Topic == on).Message;
                Assert.Equal(AsyncApiDocument.Of(on!).Qos, (int)heard.QualityOfServiceLevel);
                AssertHas(message.GetProperty("payload"), heard);
            }
        );
    }

    [Theory, MemberData(nameof(Refused))]
    public async Task What_is_refused_is_answered_as_the_document_says(string topic, int number)
    {
        var operation = AsyncApiDocument.Of(topic);
        var refused = operation.Message.GetProperty("x-refused")[number];
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");

        var result = await tap.PublishAsync(
            PourTests.Pour(refused.TryGetProperty("topic", out var other) ? other.GetString()! : topic, refused.GetProperty("payload").GetString()!)
        );

        Assert.Equal(refused.GetProperty("reasonCode").GetInt32(), (int)result.ReasonCode);
        Assert.Equal(refused.GetProperty("reason").GetString(), result.ReasonString);
        Assert.Empty(await bridge.EntriesAsync());
        Assert.Single(await bridge.DeadLettersAsync());
    }

    [Theory, MemberData(nameof(Sent))]
    public async Task What_a_tap_is_sent_is_as_the_document_says(string topic, string example)
    {
        var operation = AsyncApiDocument.Of(topic);
        var payload = operation.Examples[example].GetProperty("payload");
        await using var bridge = await TestBridge.StartAsync(redis);
        using var seven = await ListenAsync(bridge, 7);
        using var eight = await bridge.ConnectAsync("8");
        await Eventually.TrueAsync(
            async () =>
            {
                // Receipts and reports are told to who listens: the bridge may only begin to.
                await ProvokeAsync(bridge, eight, topic, payload);
                return !_heard.IsEmpty;
            },
            "it comes"
        );

        Assert.True(_heard.TryDequeue(out var heard));
        Assert.Equal((topic, operation.Qos), (heard.Message.Topic, (int)heard.Message.QualityOfServiceLevel));
        AssertHas(payload, heard.Message);
    }

    private static Task ProvokeAsync(TestBridge bridge, IMqttClient other, string topic, JsonElement payload) =>
        topic switch
        {
            "taps/7/receipts" => bridge
                .Get<Receipts>()
                .PublishAsync(new Receipt("7", [.. payload.GetProperty("ids").EnumerateArray().Select(id => id.GetGuid())])),
            "taps/7/commands" => bridge.Get<TapCommands>().QueueAsync(7, payload.GetRawText()),
            "notices/report" => bridge.Get<ShareReports>().PublishAsync(new SharesReport([(7, 4), (8, 6)])),
            "notices/pours" => other.PublishAsync(PourTests.Pour("taps/8/pours", payload.GetRawText())),
            _ => throw new InvalidOperationException($"Nobody knows how '{topic}' comes about."),
        };

    private async Task<IMqttClient> ListenAsync(TestBridge bridge, int tapId)
    {
        var tap = await bridge.ConnectAsync($"{tapId}");
        tap.ApplicationMessageReceivedAsync += message =>
        {
            _heard.Enqueue((tapId, message.ApplicationMessage));
            return Task.CompletedTask;
        };
        await tap.SubscribeAsync($"taps/{tapId}/#", MqttQualityOfServiceLevel.AtLeastOnce);
        await tap.SubscribeAsync("notices/#", MqttQualityOfServiceLevel.AtLeastOnce);
        return tap;
    }

    private static MqttApplicationMessage ToMessage(AsyncApiDocument.Operation operation, JsonElement example)
    {
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(operation.Topic)
            .WithPayload(Text(example))
            .WithRetainFlag(operation.IsRetained)
            .WithQualityOfServiceLevel((MqttQualityOfServiceLevel)operation.Qos);
        foreach (var header in Members(example, "headers"))
        {
            message.WithUserProperty(header.Name, Encoding.UTF8.GetBytes(header.Value.GetString()!));
        }

        return message.Build();
    }

    private static string Text(JsonElement example)
    {
        var payload = example.GetProperty("payload");
        return payload.ValueKind is JsonValueKind.String ? payload.GetString()! : payload.GetRawText();
    }

    private static string? TraceId(JsonElement example) =>
        Members(example, "headers")
            .Concat(Members(example, "payload"))
            .Where(member => member.NameEquals("traceparent"))
            .Select(member => member.Value.GetString()!.Split('-')[1])
            .FirstOrDefault();

    private static JsonElement.ObjectEnumerator Members(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Object ? value.EnumerateObject() : default;

    private static void AssertHas(JsonElement expected, MqttApplicationMessage heard)
    {
        var payload = Encoding.UTF8.GetString(heard.Payload);
        if (expected.ValueKind is JsonValueKind.String)
        {
            Assert.Equal(expected.GetString(), payload);
            return;
        }

        var json = JsonDocument.Parse(payload).RootElement;
        Assert.All(
            expected.EnumerateObject(),
            member => Assert.True(JsonElement.DeepEquals(member.Value, json.GetProperty(member.Name)), $"{member}: {payload}")
        );
    }

    private static TheoryData<string, string> Examples(bool isReceived)
    {
        var data = new TheoryData<string, string>();
        foreach (var operation in AsyncApiDocument.Operations.Where(operation => operation.IsReceived == isReceived))
        {
            foreach (var example in operation.Examples.Keys)
            {
                data.Add(operation.Topic, example);
            }
        }

        return data;
    }
}
