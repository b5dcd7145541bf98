using Testing;

namespace Consumer.Worker.Tests;

/// <summary>The hours of the archive: when they are closed, and what becomes of their files.</summary>
[Collection(nameof(ServersCollection))]
public sealed class ArchiveHoursTests(Servers servers)
{
    private const string Pour = """{"volume":500}""";

    [Fact]
    public async Task An_hour_is_closed_when_it_is_over_by_the_clock_also_for_a_tap_that_says_nothing_any_more()
    {
        await using var run = await ArchiveRun.CreateAsync(servers);
        var id = (await run.Worker.AppendAsync(Pour)).Id;
        await run.ArchiveAsync();
        run.Time.Advance(TimeSpan.FromMinutes(30.9));
        await run.CloseAsync();
        Assert.EndsWith(".jl", Assert.Single(run.Files()));

        run.Time.Advance(TimeSpan.FromMinutes(0.2));
        await run.CloseAsync();

        Assert.Equal("2026-03-29-00/taproom-7-2026-03-29-00.jl.gz", Assert.Single(run.Files()));
        Assert.Equal([id], ArchiveRun.Ids(ArchiveRun.LinesOfCompressed(run.PathOf("7", ending: ".jl.gz"))));
    }

    [Fact]
    public async Task Hours_are_those_of_UTC_where_clocks_are_put_forward_and_back()
    {
        await using var run = await ArchiveRun.CreateAsync(servers);
        // Every hour of the two days on which Europe changes its clocks.
        foreach (var start in (DateTimeOffset[])[ArchiveRun.Start, new(2026, 10, 25, 0, 30, 0, TimeSpan.Zero)])
        {
            run.Time.SetUtcNow(start);
            for (var hour = 0; hour < 4; hour++)
            {
                await run.Worker.AppendAsync(Pour);
                run.Time.Advance(TimeSpan.FromHours(1));
            }
        }

        await run.ArchiveAsync();

        var hours = run.Files().Select(file => file.Split('/')[0]).ToList();
        Assert.Equal(
            [.. Enumerable.Range(0, 4).Select(hour => $"2026-03-29-0{hour}"), .. Enumerable.Range(0, 4).Select(hour => $"2026-10-25-0{hour}")],
            hours
        );
    }

    [Fact]
    public async Task Late_entries_go_beside_what_was_closed()
    {
        await using var run = await ArchiveRun.CreateAsync(servers);
        var ids = new List<Guid> { (await run.Worker.AppendAsync(Pour)).Id };
        await run.ArchiveAsync();
        ids.Add((await run.Worker.AppendAsync(Pour)).Id);
        run.EndHour();
        await run.CloseAsync();
        // Twice: what is quiet for good is not looked at any more.
        await run.CloseAsync();
        await run.CloseAsync();

        await run.ArchiveAsync();
        // More of them may follow at once.
        await run.CloseAsync();
        Assert.Contains("2026-03-29-00/taproom-7-2026-03-29-00.jl", run.Files());
        run.Time.Advance(TimeSpan.FromMinutes(1));
        await run.CloseAsync();

        var files = run.Files();
        Assert.Equal(2, files.Count);
        Assert.All(files, file => Assert.Matches(@"^2026-03-29-00/taproom-7-2026-03-29-00(\.[0-9a-f]{16})?\.jl\.gz$", file));
        Assert.Equal(ids.Order(), files.SelectMany(file => ArchiveRun.Ids(ArchiveRun.LinesOfCompressed(Path.Combine(run.Root, file)))).Order());
    }

    [Fact]
    public async Task A_worker_that_died_at_any_step_of_closing_is_followed_by_one_that_goes_on()
    {
        await using var run = await ArchiveRun.CreateAsync(servers);
        var ids = new List<Guid>();
        foreach (var tap in (string[])["1", "2", "3", "4"])
        {
            ids.Add((await run.Worker.AppendAsync(Pour, tap)).Id);
        }

        await run.ArchiveAsync();
        run.EndHour();
        // 1: renamed. 2: half compressed. 3: compressed and its first form still there. 4: that, and a late entry after it.
        File.Move(run.PathOf("1"), run.PathOf("1", ending: ".jl.closed"));
        File.Move(run.PathOf("2"), run.PathOf("2", ending: ".jl.closed"));
        File.WriteAllText(run.PathOf("2", ending: ".jl.closed.tmp"), "half");
        foreach (var tap in (string[])["3", "4"])
        {
            File.Copy(run.PathOf(tap), run.PathOf(tap, ending: ".jl.closed"));
        }

        await run.CloseAsync();
        foreach (var tap in (string[])["3", "4"])
        {
            Assert.True(File.Exists(run.PathOf(tap, ending: ".jl.gz")));
        }

        Assert.Equal(["1", "2", "3", "4"], run.Files().Select(file => file.Split('-')[4]));
        Assert.Equal(ids, run.Files().SelectMany(file => ArchiveRun.Ids(ArchiveRun.LinesOfCompressed(Path.Combine(run.Root, file)))));
    }

    [Fact]
    public async Task Ten_thousand_taps_need_one_open_file()
    {
        await using var run = await ArchiveRun.CreateAsync(servers, ("Store:BatchSize", "2500"));
        await Parallel.ForEachAsync(Enumerable.Range(1, 10_000), async (tap, _) => await run.Worker.AppendAsync(Pour, $"{tap}"));
        using var end = new CancellationTokenSource();
        var most = Task.Run(() =>
        {
            var most = 0;
            while (!end.IsCancellationRequested)
            {
                most = Math.Max(most, OpenBelow(run.Root));
                // Or it would take a processor from what it looks at.
                Thread.Sleep(2);
            }

            return most;
        });

        await run.ArchiveAsync();

        await end.CancelAsync();
        // And the lock.
        Assert.InRange(await most, 1, 3);
        Assert.Equal(10_000, run.Files().Count);
        run.EndHour();
        await run.CloseAsync();
        Assert.All(run.Files(), file => Assert.EndsWith(".jl.gz", file));
        Assert.Equal(10_000, run.Files().Count);
    }

    private static int OpenBelow(string root) =>
        Directory
            .EnumerateFileSystemEntries("/proc/self/fd")
            .Count(handle =>
            {
                try
                {
                    return new FileInfo(handle).LinkTarget?.StartsWith(root, StringComparison.Ordinal) == true;
                }
                catch (IOException)
                {
                    // Closed meanwhile.
                    return false;
                }
            });
}
