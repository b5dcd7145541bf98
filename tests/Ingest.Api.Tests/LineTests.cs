using System.Text.Json;
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
                using var answer = await api.Anonymous.GetAsync("/api/line");
                line = await Api.ReadAsync(answer);
                return line.GetProperty("waiting").GetInt32() == 0;
            },
            "what is stored is acknowledged too"
        );

        Assert.Equal([3, 3, 0, 0], new[] { "accepted", "stored", "repeated", "dead" }.Select(name => line.GetProperty(name).GetInt32()));
        var worker = Assert.Single(line.GetProperty("workers").EnumerateArray()).GetString();
        Assert.Empty(line.GetProperty("bridges").EnumerateArray());
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

        var line = await api.GetAsync("/api/line");

        Assert.Equal((1, 1), (line.GetProperty("accepted").GetInt32(), line.GetProperty("waiting").GetInt32()));
        var waiting = Assert.Single(line.GetProperty("partitions").EnumerateArray(), partition => partition.GetProperty("waiting").GetInt32() == 1);
        Assert.Equal("null", waiting.GetProperty("worker").GetRawText());
        Assert.InRange(waiting.GetProperty("oldestAgeSeconds").GetDouble(), 0, 60);
    }
}
