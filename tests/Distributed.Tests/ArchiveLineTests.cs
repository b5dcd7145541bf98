using System.Text.Json.Nodes;
using Testing;

namespace Distributed.Tests;

/// <summary>The archive of a local run, with what taps and meters sent.</summary>
[Collection(nameof(TaproomCollection))]
public sealed class ArchiveLineTests(TaproomApp app)
{
    [Fact]
    public async Task A_pour_is_a_line_in_the_file_of_its_tap_and_hour()
    {
        var id = Guid.NewGuid();

        Assert.Equal(0, await app.PublishAsync("5", 1, $$"""{"id":"{{id}}","volume":473}"""));

        var line = await Eventually.ValueAsync(
            () => Task.FromResult(Lines("taproom-1-").FirstOrDefault(line => (Guid)line["id"]! == id)),
            "the pour is archived"
        );
        Assert.Equal(("pour", "1", 473), ((string?)line["kind"], (string?)line["tap"], (int)line["body"]!["volume"]!));
    }

    [Fact]
    public async Task A_reading_of_a_meter_is_a_line_and_that_of_a_Rainforest_gateway_has_its_members()
    {
        var line = await Eventually.ValueAsync(
            () => Task.FromResult(Lines("taproom-meter-").FirstOrDefault(line => line.ContainsKey("DeviceMacId"))),
            "a reading is archived"
        );

        Assert.Equal("reading", (string?)line["kind"]);
        Assert.StartsWith("meter:", (string?)line["tap"]);
        Assert.Equal(14, line.Count);
    }

    private IEnumerable<JsonObject> Lines(string start) =>
        Directory
            .EnumerateFiles(Path.Combine(app.DataPath, "archive"), $"{start}*.jl", SearchOption.AllDirectories)
            .SelectMany(file => File.ReadAllText(file).Split('\n')[..^1])
            .Select(line => JsonNode.Parse(line)!.AsObject());
}
