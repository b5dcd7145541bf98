using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Signals;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class LineTests(Servers servers)
{
    [Fact]
    public async Task Everybody_can_see_how_the_line_stands()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PourAllAsync((1, 250), (2, 500), (3, 900));

        var line = default(JsonElement);
        await Eventually.TrueAsync(
            async () =>
            {
                line = await api.GetAsync("/api/line");
                // A worker that has not said for three seconds that it lives has no partition.
                return line.GetProperty("waiting").GetInt32() == 0
                    && line.GetProperty("partitions").EnumerateArray().All(one => one.GetProperty("worker").ValueKind == JsonValueKind.String);
            },
            "what is stored is acknowledged too, and the worker lives"
        );

        Assert.Equal([3, 3, 0, 0], new[] { "accepted", "stored", "repeated", "dead" }.Select(name => line.GetProperty(name).GetInt32()));
        var worker = Assert.Single(line.GetProperty("workers").EnumerateArray()).GetString();
        Assert.Empty(line.GetProperty("bridges").EnumerateArray());
        Assert.Equal("""{"taps":0,"bridges":[]}""", line.GetProperty("connections").GetRawText());
        var partitions = line.GetProperty("partitions").EnumerateArray().ToList();
        Assert.Equal([0, 1, 2, 3], partitions.Select(partition => partition.GetProperty("number").GetInt32()));
        Assert.All(partitions, partition => Assert.Equal(worker, partition.GetProperty("worker").GetString()));
        Assert.All(partitions, partition => Assert.Equal("null", partition.GetProperty("oldestAgeSeconds").GetRawText()));
    }

    [Fact]
    public async Task While_nothing_stores_what_was_accepted_waits()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers);
        using var posted = await api.PostAsync("/api/messages", "1");
        var bridge = api.Services.GetRequiredService<TapPresence>();
        await bridge.LivesAsync();
        await bridge.ConnectedAsync([3, 7, 8]);
        await bridge.DisconnectedAsync(8);
        var (redis, options) = (
            api.Services.GetRequiredService<IConnectionMultiplexer>(),
            api.Services.GetRequiredService<IOptions<IngestOptions>>()
        );
        await new TapPresence(redis, options, TimeProvider.System).ConnectedAsync([7]);

        var line = await api.GetAsync("/api/line");

        Assert.Equal((1, 1), (line.GetProperty("accepted").GetInt32(), line.GetProperty("waiting").GetInt32()));
        var waiting = Assert.Single(line.GetProperty("partitions").EnumerateArray(), partition => partition.GetProperty("waiting").GetInt32() == 1);
        Assert.Equal("null", waiting.GetProperty("worker").GetRawText());
        Assert.InRange(waiting.GetProperty("oldestAgeSeconds").GetDouble(), 0, 60);
        // Tap 7 is connected to another bridge as well, which has not said that it lives.
        var connections = line.GetProperty("connections");
        var connected = Assert.Single(connections.GetProperty("bridges").EnumerateArray());
        Assert.Equal((2, 2), (connections.GetProperty("taps").GetInt32(), connected.GetProperty("taps").GetInt32()));
        Assert.Equal(Assert.Single(line.GetProperty("bridges").EnumerateArray()).GetString(), connected.GetProperty("name").GetString());
    }
}
