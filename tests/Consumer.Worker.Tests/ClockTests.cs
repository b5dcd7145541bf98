using Taproom.Ingest;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>A machine's clock may be set back while it works.</summary>
[Collection(nameof(ServersCollection))]
public sealed class ClockTests(Servers servers)
{
    [Fact]
    public async Task A_clock_that_is_set_back_loses_nothing_and_changes_no_order()
    {
        const int Each = 20;
        var root = Directory.CreateTempSubdirectory("taproom-clock-").FullName;
        var clock = new Clock();
        var settings = await servers.SettingsAsync();
        settings["Archive:Path"] = root;
        await using var worker = Worker.Create(settings, clock);
        try
        {
            await worker.StartAsync();
            var sent = new List<Guid>();
            foreach (var offset in (int[])[0, -2, -30 * 24])
            {
                clock.Offset = TimeSpan.FromHours(offset);
                for (var n = 0; n < Each; n++)
                {
                    sent.Add((await worker.AppendAsync("""{"volume":500}""")).Id);
                }

                await Eventually.TrueAsync(
                    async () => await worker.Get<IngestLine>().ReadAsync() is { Waiting: 0 } state && state.Stored == sent.Count,
                    "all so far is stored"
                );
            }

            Assert.Equal(sent, (await worker.PoursAsync()).Select(pour => pour.Id));
            await Eventually.TrueAsync(() => Task.FromResult(Lines(root).Count == sent.Count), "all of it has a line");
            Assert.All(sent, id => Assert.Single(Lines(root), line => line.Contains($"{id}", StringComparison.Ordinal)));
            await worker.StopAsync();
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static List<string> Lines(string root) =>
        [.. Directory.EnumerateFiles(root, "taproom-7-*", SearchOption.AllDirectories).SelectMany(File.ReadAllLines)];

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
