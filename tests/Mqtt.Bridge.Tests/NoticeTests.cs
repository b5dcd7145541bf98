using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using MQTTnet;
using Taproom.Ingest;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>The pours of other taps: read only for who listens, who then misses none.</summary>
[Collection(nameof(RedisCollection))]
public sealed class NoticeTests(RedisServer redis)
{
    private readonly Channel<Guid> _heard = Channel.CreateUnbounded<Guid>();

    [Theory]
    [InlineData("notices/#")]
    [InlineData("notices/+")]
    [InlineData("notices/pours")]
    public async Task A_tap_hears_of_the_pour_right_after_it_has_subscribed(string filter)
    {
        using var spans = new RecordedSpans("Mqtt.Bridge", "Taproom.Ingest");
        await using var bridge = await TestBridge.StartAsync(redis);
        await AppendAsync(bridge);
        using var tap = await ListenAsync(bridge, filter);

        var id = await AppendAsync(bridge);

        Assert.Equal(id, await _heard.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
        await Eventually.TrueAsync(
            () => Task.FromResult(spans.Ended.Any(span => span.OperationName == "publish notices/pours" && IsOf(span, id))),
            "the notice is traced"
        );
        Assert.Equal(spans.Find("send ingest", id).SpanId, spans.Find("publish notices/pours", id).ParentSpanId);
    }

    [Fact]
    public async Task The_stream_is_read_only_while_somebody_listens_to_pours()
    {
        var own = new RedisServer();
        await own.InitializeAsync();
        try
        {
            await using var bridge = await TestBridge.StartAsync(own, new HastyClock());
            using var other = await ListenAsync(bridge, "notices/report");
            await AppendAsync(bridge);
            Assert.False((await own.CommandsAsync()).ContainsKey("xread"));

            using (var tap = await ListenAsync(bridge, "notices/#"))
            {
                await tap.SubscribeAsync("notices/pours");
                await tap.UnsubscribeAsync("notices/#");
                var id = await AppendAsync(bridge);
                Assert.Equal(id, await _heard.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
                Assert.True((await own.CommandsAsync()).ContainsKey("xread"));
                await tap.UnsubscribeAsync("notices/pours");
                await NobodyReadsAsync(own);
                await tap.SubscribeAsync("notices/pours");
                Assert.Equal(await AppendAsync(bridge), await _heard.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
            }

            await NobodyReadsAsync(own);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    private static bool IsOf(Activity span, Guid id) => id.ToString().Equals(span.GetTagItem("messaging.message.id"));

    private static async Task<Guid> AppendAsync(TestBridge bridge)
    {
        var entry = new IngestEntry
        {
            Id = Guid.CreateVersion7(),
            Kind = EntryKinds.Pour,
            Tap = "8",
            ReceivedAt = DateTimeOffset.UtcNow,
            Body = """{"volume":500}"""u8.ToArray(),
        };
        await bridge.Get<IngestStream>().AppendAsync(entry, CancellationToken.None);
        return entry.Id;
    }

    private static Task NobodyReadsAsync(RedisServer server) =>
        Eventually.TrueAsync(async () => await server.BlockedClientsAsync() == 0, "nobody waits for entries");

    private async Task<IMqttClient> ListenAsync(TestBridge bridge, string filter)
    {
        var tap = await bridge.ConnectAsync("7");
        tap.ApplicationMessageReceivedAsync += message =>
        {
            _heard.Writer.TryWrite(JsonDocument.Parse(message.ApplicationMessage.Payload).RootElement.GetProperty("id").GetGuid());
            return Task.CompletedTask;
        };
        await tap.SubscribeAsync(filter);
        return tap;
    }
}
