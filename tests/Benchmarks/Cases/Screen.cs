using System.Collections.Concurrent;
using System.Text.Json;
using Benchmarks.Bare;
using Benchmarks.Load;
using Benchmarks.Results;
using Microsoft.AspNetCore.SignalR.Client;

namespace Benchmarks.Cases;

/// <summary>How late a pour is on its way to the screen, at a steady rate: each latency counts from when the pour was due.</summary>
internal static class Screen
{
    private const int Taps = 64;

    // A bare server that gets these meanwhile tells how long the processors alone let a pour wait that goes nowhere.
    private const int TapsBeside = 16;
    private const int PerSecondBeside = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<Figure>> RunAsync(Run run)
    {
        await using var bare = await BareServer.MqttAsync(run);
        await using var services = await Services.WholeAsync(run);
        var page = await services.OpenPageAsync();
        var arrivals = new ConcurrentBag<(DateTime Due, TimeSpan Late)>();
        await using var hub = new HubConnectionBuilder().WithUrl($"{services.PageAddress}/hubs/pours").Build();
        using var listening = hub.On<JsonElement>("pour", pour => arrivals.Add(Arrival(pour.GetProperty("id").GetGuid(), DateTime.UtcNow)));
        await hub.StartAsync(run.Stopping);

        string[] ways =
        [
            "bare PUBLISH to PUBACK",
            $"bare PUBLISH to PUBACK beside all below, {PerSecondBeside} pours/s",
            "tap to PUBACK",
            "tap to commit, by its receipt",
            "tap to hub client",
            "tap to pixels, of those shown",
        ];
        var rounds = ways.ToDictionary(way => way, _ => new List<Latencies>());
        for (var round = 0; round < run.Rounds; round++)
        {
            rounds[ways[0]].Add((await PublishAsync(run, bare.Port, receipts: false)).Acknowledged);
            arrivals.Clear();
            var before = await services.Pours.NewestAsync();
            var loads = await Task.WhenAll(
                PublishAsync(run, services.MqttPort, receipts: true),
                PublishAsync(run, bare.Port, receipts: false, TapsBeside, PerSecondBeside)
            );
            var paced = loads[0];
            await services.Pours.StoredAsync(before, paced.Published);
            await ArrivedAsync(arrivals, paced.Published, run.Stopping);
            rounds[ways[1]].Add(loads[1].Acknowledged);
            rounds[ways[2]].Add(paced.Acknowledged);
            rounds[ways[3]].Add(paced.Receipted);
            rounds[ways[4]].Add(Latencies.Of(arrivals.Where(pour => pour.Due >= paced.CountedFrom).Select(pour => pour.Late)));
            var shown = (await page.ShownAsync()).Select(pour => Arrival(pour.Key, pour.Value));
            rounds[ways[5]].Add(Latencies.Of(shown.Where(pour => pour.Due >= paced.CountedFrom).Select(pour => pour.Late)));
        }

        Check.That(rounds.Values.All(all => all.All(one => one.Count > 0)), "Of some way there is no latency.");
        var ceiling = new Ceiling("bare p99", [.. rounds[ways[0]].Select(one => one.P99)]);
        return
        [
            .. ways.SelectMany(way =>
                Figures(way, rounds[way])
                    .Select(
                        (figure, n) =>
                            (way == ways[4], n) switch
                            {
                                (true, 1) => figure with { Against = ceiling, MustReach = Bound.AtMost(5) },
                                (true, 3) => figure with { MustReach = Bound.AtMost(1_000) },
                                _ => figure,
                            }
                    )
            ),
        ];
    }

    private static IEnumerable<Figure> Figures(string way, List<Latencies> rounds) =>
        [
            new($"{way}, p50", "ms", [.. rounds.Select(round => round.P50)]),
            new($"{way}, p99", "ms", [.. rounds.Select(round => round.P99)]),
            new($"{way}, p99.9", "ms", [.. rounds.Select(round => round.P999)]),
            new($"{way}, max", "ms", [.. rounds.Select(round => round.Max)]),
        ];

    // In a rush the list of pours is drawn every four seconds.
    private const int MinSeconds = 5;

    private static async Task<PacedLoadResult> PublishAsync(Run run, int port, bool receipts, int taps = Taps, double? perSecond = null)
    {
        var rate = perSecond ?? run.Either(1_000, 100);
        var options = new PacedLoadOptions(port, taps, rate, run.Either(10, 0.3), run.Either(60, MinSeconds), receipts);
        await using var load = Child.Start(Roles.PacedLoad, options);
        await load.ReadAsync<WindowOpened>(run.Stopping);
        return await load.ReadAsync<PacedLoadResult>(run.Stopping);
    }

    private static async Task ArrivedAsync(ConcurrentBag<(DateTime, TimeSpan)> arrivals, int count, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        while (arrivals.Count < count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }

        Check.That(arrivals.Count == count, $"{count:N0} pours were published, and the hub pushed {arrivals.Count:N0}.");
    }

    private static (DateTime Due, TimeSpan Late) Arrival(Guid id, DateTime at)
    {
        var due = PourIds.DueAt(id);
        return (due, at - due);
    }
}
