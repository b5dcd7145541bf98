using System.Diagnostics;
using Benchmarks.Load;
using Benchmarks.Pages;
using Benchmarks.Results;

namespace Benchmarks.Cases;

/// <summary>What the live page costs: bytes and time until it is live, its traffic in a rush, and what many open pages take of its server.</summary>
internal static class Page
{
    private const int Taps = 48;
    private const double Thousand = 1_000;
    private const double Million = 1_024 * 1_024;

    public static async Task<IReadOnlyList<Figure>> RunAsync(Run run)
    {
        await using var services = await Services.WholeAsync(run);
        await RegisteredTaps.AddAsync(run, services, Taps);
        // A few of each tap.
        await PourAsync(run, services, new(3 * Taps, 0, 0.5), () => Task.CompletedTask);
        Run.Say("Visits, and a rush");
        var figures = new List<Figure>();
        await using (var headless = await Headless.StartAsync())
        {
            figures.AddRange(await VisitsAsync(run, headless, services.PagePort));
            figures.AddRange(await RushAsync(run, headless, services));
        }

        Run.Say("Many pages");
        figures.AddRange(await ManyAsync(run, services));
        Run.Say("Closed");
        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> VisitsAsync(Run run, Headless headless, int port)
    {
        var (first, again) = (new List<Opening>(), new List<Opening>());
        for (var visit = 0; visit <= run.Either(10, 1); visit++)
        {
            await using var visitor = await Visitor.ComeAsync(headless, port);
            first.Add(await visitor.OpenAsync());
            await visitor.LeaveAsync();
            again.Add(await visitor.OpenAsync());
        }

        // A server that has just started loads the board and compiles its code for the first of all.
        var cold = first[0].Seconds;
        (first, again) = (first[1..], again[1..]);
        return
        [
            new("bytes of a first visit", "kB", [.. first.Select(visit => visit.Bytes / Thousand)]) { MustReach = Bound.AtMost(350) },
            new("of them the page and its files", "kB", [.. first.Select(visit => visit.FileBytes / Thousand)]),
            new("bytes of a second visit", "kB", [.. again.Select(visit => visit.Bytes / Thousand)]) { MustReach = Bound.AtMost(350) },
            .. Times("first visit", first),
            .. Times("second visit", again),
            new("until the first visit after a start is live", "s", [cold]),
        ];
    }

    private static IEnumerable<Figure> Times(string visit, List<Opening> openings) =>
        [
            new($"until a {visit} is live", "s", [.. openings.Select(opening => opening.Seconds)]) { MustReach = Bound.AtMost(2) },
            new($"until a {visit} is live, max", "s", [openings.Max(opening => opening.Seconds)]) { MustReach = Bound.AtMost(2) },
        ];

    private static async Task<IReadOnlyList<Figure>> RushAsync(Run run, Headless headless, Services services)
    {
        var (perSecond, seconds) = (run.Either(1_000, 100), run.Either(20.0, 1.5));
        var (updates, bytes) = (new List<double>(), new List<double>());
        await using var visitor = await Visitor.ComeAsync(headless, services.PagePort);
        await visitor.OpenAsync();
        for (var round = 0; round < run.Rounds; round++)
        {
            await PourAsync(run, services, new(perSecond, run.Either(10, 0.3), seconds), CountAsync);
        }

        return
        [
            new($"updates of a page at {perSecond:N0} pours/s", "per second", updates) { MustReach = Bound.AtMost(5) },
            new($"traffic of a page at {perSecond:N0} pours/s", "kB/s", bytes) { MustReach = Bound.AtMost(10) },
        ];

        async Task CountAsync()
        {
            var (updatesBefore, bytesBefore, start) = (visitor.Updates, visitor.Bytes, Stopwatch.GetTimestamp());
            await Task.Delay(TimeSpan.FromSeconds(seconds), run.Stopping);
            var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            updates.Add((visitor.Updates - updatesBefore) / elapsed);
            bytes.Add((visitor.Bytes - bytesBefore) / elapsed / Thousand);
        }
    }

    private static async Task<IReadOnlyList<Figure>> ManyAsync(Run run, Services services)
    {
        var (count, process) = (run.Either(200, 6), services.Running.First(service => service.Name == "Dashboard.Web").Process.Id);
        var (rest, idleSeconds, warmUp, seconds) = run.Either((60.0, 30.0, 60.0, 120.0), (0.2, 1.2, 0.3, 1.5));
        var rounds = new List<(double Before, PageUse Idle, PageUse Early, PageUse Busy, double After)>();
        for (var round = 0; round < run.Rounds; round++)
        {
            var before = MemoryMb(process);
            var (idle, early, busy) = (default(PageUse), default(PageUse), default(PageUse));
            await using (var pages = await OpenPages.OpenAsync(services.PagePort, count, run.Stopping))
            {
                // The totals of what was poured before have come.
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(5, rest)), run.Stopping);
                idle = await PageUse.OfAsync(pages, process, idleSeconds, run.Stopping);
                await PourAsync(
                    run,
                    services,
                    new(100, warmUp, seconds),
                    async () =>
                    {
                        early = new PageUse { MemoryMb = MemoryMb(process) };
                        busy = await PageUse.OfAsync(pages, process, seconds, run.Stopping);
                    }
                );
            }

            await Task.Delay(TimeSpan.FromSeconds(rest), run.Stopping);
            rounds.Add((before, idle, early, busy, MemoryMb(process)));
        }

        var (first, last) = (rounds[0], rounds[^1]);
        return
        [
            new($"CPU of Dashboard.Web, {count} pages, nothing poured", "% of a core", [.. rounds.Select(round => round.Idle.Cpu)]),
            new($"CPU of Dashboard.Web, {count} pages, 100 pours/s", "% of a core", [.. rounds.Select(round => round.Busy.Cpu)]),
            new("updates of each page, nothing poured", "per second", [.. rounds.Select(round => round.Idle.Updates)]),
            new("traffic of each page, nothing poured", "kB/s", [.. rounds.Select(round => round.Idle.Traffic)]),
            new("updates of each page, 100 pours/s", "per second", [.. rounds.Select(round => round.Busy.Updates)]) { MustReach = Bound.AtMost(5) },
            new("of them the page with the fewest", "per second", [.. rounds.Select(round => round.Busy.FewestUpdates)]),
            new("traffic of each page, 100 pours/s", "kB/s", [.. rounds.Select(round => round.Busy.Traffic)]) { MustReach = Bound.AtMost(10) },
            new("memory of Dashboard.Web before the first of them", "MB", [first.Before]),
            new("memory for each page, the first time", "KB", [Math.Max(0, first.Busy.MemoryMb - first.Before) * 1_024 / count]),
            new($"memory with {count} pages after {warmUp + seconds:0.#} s of pours", "MB", [.. rounds.Select(round => round.Busy.MemoryMb)])
            {
                Against = new($"after {warmUp:0.#} s", [.. rounds.Select(round => round.Early.MemoryMb)]),
                MustReach = Bound.AtMost(1.2),
            },
            new($"memory with {count} pages, the last time", "MB", [last.Busy.MemoryMb])
            {
                Against = new("the first time", [first.Busy.MemoryMb]),
                MustReach = Bound.AtMost(1.2),
            },
            new($"memory {rest:0.#} s after they were closed", "MB", [.. rounds.Select(round => round.After)])
            {
                Against = new("with them", [.. rounds.Select(round => round.Busy.MemoryMb)]),
                MustReach = Bound.AtMost(0.5),
            },
        ];
    }

    /// <summary>Pours at a steady rate, measures in the seconds that count, and waits until all of it is stored.</summary>
    private static async Task PourAsync(Run run, Services services, (double PerSecond, double WarmUp, double Seconds) pace, Func<Task> measureAsync)
    {
        var before = await services.Pours.NewestAsync();
        // It ends a little after what is measured while it pours.
        var options = new PacedLoadOptions(services.MqttPort, Taps, pace.PerSecond, pace.WarmUp, pace.Seconds + 0.5, Receipts: false);
        await using var load = Child.Start(Roles.PacedLoad, options);
        await load.ReadAsync<WindowOpened>(run.Stopping);
        await measureAsync();
        var poured = await load.ReadAsync<PacedLoadResult>(run.Stopping);
        await services.Pours.StoredAsync(before, poured.Published);
    }

    private static double MemoryMb(int process) => ProcessUse.Of(process).MemoryBytes / Million;

    /// <summary>What many pages take for some seconds.</summary>
    private readonly record struct PageUse(double Cpu, double MemoryMb, double Updates, double FewestUpdates, double Traffic)
    {
        public static async Task<PageUse> OfAsync(OpenPages pages, int process, double seconds, CancellationToken cancellationToken)
        {
            var (use, updates, bytes, start) = (ProcessUse.Of(process), pages.Updates, pages.Bytes, Stopwatch.GetTimestamp());
            await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken);
            var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var (after, traffic) = (ProcessUse.Of(process), pages.Bytes - bytes);
            double[] drawn = [.. pages.Updates.Zip(updates, (now, then) => (now - then) / elapsed)];
            pages.AreOpen();
            return new PageUse(
                100 * (after.CpuSeconds - use.CpuSeconds) / elapsed,
                after.MemoryBytes / Million,
                drawn.Average(),
                drawn.Min(),
                traffic / elapsed / Thousand / drawn.Length
            );
        }
    }
}
