using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class CalibrationTests(Servers servers)
{
    [Fact]
    public async Task A_pour_of_pulses_gets_the_volume_that_its_taps_calibration_gives_it()
    {
        await using var worker = await CreateAsync();
        await CalibrateAsync(worker, 450, "2026-03-01T00:00:00Z");
        await CalibrateAsync(worker, 500.123456m, "2026-03-02T00:00:00Z");
        var keg = await worker.TapKegAsync(7, 30_000);

        await worker.AppendAsync("""{"pulses":213,"odometer":90210,"pouredAt":"2026-02-28T12:00:00Z"}""");
        await worker.AppendAsync("""{"pulses":213,"pouredAt":"2026-03-01T12:00:00Z"}""");
        await worker.AppendAsync("""{"pulses":213,"pouredAt":"2026-03-02T00:00:00Z"}""");
        await worker.AppendAsync("""{"pulses":213}""");
        await worker.AppendAsync("""{"pulses":213,"volume":300}""");
        await worker.AppendAsync("""{"volume":1000}""");
        await worker.TurnAsync();

        var pours = await worker.PoursAsync();
        Assert.Equal([473.333m, 473.333m, 425.895m, 425.895m, 300, 1000], pours.Select(pour => pour.VolumeMl));
        Assert.Equal([true, true, true, true, false, false], pours.Select(pour => pour.VolumeDerived));
        Assert.Equal([213, 213, 213, 213, 213, null], pours.Select(pour => pour.Pulses));
        Assert.Equal((90210, null), (pours[0].Odometer, pours[1].Odometer));
        Assert.Equal([GlassType.Pint, GlassType.Half, GlassType.Stein], pours.Select(pour => pour.Glass).Distinct());
        Assert.Equal(30_000 - 425.895m - 1_300, await worker.LevelAsync(keg));
        await KeepsTheRulesAsync(worker);
    }

    [Fact]
    public async Task A_pour_of_pulses_at_a_tap_without_calibration_is_set_aside_and_goes_through_once_there_is_one()
    {
        await using var worker = await CreateAsync();
        var entry = await worker.AppendAsync("""{"pulses":213}""", tap: "7");
        await worker.AppendAsync("""{"volume":500}""", tap: "7");
        await worker.TurnAsync();

        Assert.Equal(500, Assert.Single(await worker.PoursAsync()).VolumeMl);
        var letter = Assert.Single(await worker.DeadLettersAsync());
        Assert.Equal(
            "Tap 7 is not calibrated, so its pours need a volume. POST /api/taps/7/calibrations, then requeue this.",
            (string?)letter["reason"]
        );

        var done = await CalibrateAsync(worker, 450);
        Assert.Equal((0, 0m, 0), (done.Changed, done.DifferenceMl, done.Kept));
        Assert.Equal(Requeued.Done, await worker.Get<DeadLetters>().RequeueAsync(letter.Id!));
        await worker.TurnAsync();

        Assert.Equal(473.333m, (await worker.PoursAsync()).Single(pour => pour.Id == entry.Id).VolumeMl);
        Assert.Empty(await worker.DeadLettersAsync());
    }

    [Fact]
    public async Task A_batch_in_which_every_pour_has_its_volume_asks_nothing_of_the_calibrations()
    {
        await using var worker = await CreateAsync();
        await worker.ExecuteSqlAsync("DROP TABLE calibrations");
        await worker.AppendAsync("""{"volume":500,"pulses":213}""");
        await worker.TurnAsync();

        Assert.Single(await worker.PoursAsync());
    }

    [Theory]
    [InlineData(44, 450)]
    [InlineData(451, 450)]
    [InlineData(1_000_000, 10)]
    [InlineData(1, 1_000_000)]
    public async Task Pulses_that_fill_no_glass_are_set_aside_with_the_known_words(long pulses, int pulsesPerLitre)
    {
        await using var worker = await CreateAsync();
        await CalibrateAsync(worker, pulsesPerLitre);
        await worker.AppendAsync($$"""{"pulses":{{pulses}}}""");
        await worker.TurnAsync();

        Assert.Empty(await worker.PoursAsync());
        Assert.Equal(GlassTypes.OutOfRange, (string?)Assert.Single(await worker.DeadLettersAsync())["reason"]);
    }

    [Fact]
    public async Task A_pour_that_comes_again_is_a_repetition_even_where_its_pulses_would_fill_no_glass_now()
    {
        await using var worker = await CreateAsync();
        await CalibrateAsync(worker, 450, "2026-03-01T00:00:00Z");
        var entry = await worker.AppendAsync("""{"pulses":213}""");
        await worker.TurnAsync();
        var done = await CalibrateAsync(worker, 10, "2026-03-01T00:00:00Z");
        Assert.Equal((0, 0m, 1), (done.Changed, done.DifferenceMl, done.Kept));

        await worker.AppendAsync("""{"pulses":213}""", id: entry.Id);
        await worker.AppendAsync("""{"pulses":213}""", tap: "8", id: entry.Id);
        await worker.TurnAsync();

        Assert.Equal(473.333m, Assert.Single(await worker.PoursAsync()).VolumeMl);
        Assert.Equal($"Pour {entry.Id} of tap 8 has the id of a pour of tap 7.", (string?)Assert.Single(await worker.DeadLettersAsync())["reason"]);
    }

    [Fact]
    public async Task Of_two_pours_with_one_id_in_a_batch_the_one_that_can_be_measured_is_stored()
    {
        await using var worker = await CreateAsync();
        var entry = await worker.AppendAsync("""{"pulses":213}""");
        await worker.AppendAsync("""{"volume":500}""", id: entry.Id);
        await worker.TurnAsync();

        Assert.Equal(500, Assert.Single(await worker.PoursAsync()).VolumeMl);
        Assert.Empty(await worker.DeadLettersAsync());
    }

    [Fact]
    public async Task A_new_calibration_changes_the_pours_that_rest_on_it_and_every_total()
    {
        await using var worker = await CreateAsync();
        var first = await worker.TapKegAsync(7, 30_000);
        await worker.ExecuteSqlAsync("UPDATE tappings SET tapped_at = '2026-03-01T00:00:00Z'");
        await CalibrateAsync(worker, 450, "2026-03-01T00:00:00Z");
        await CalibrateAsync(worker, 450, "2026-03-03T00:00:00Z");
        foreach (
            var (pulses, at) in ((int, string)[])
                [(213, "01T20:10:00"), (100, "02T20:10:00"), (213, "02T20:20:00"), (400, "02T21:20:00"), (48, "02T21:30:00"), (213, "03T20:20:00")]
        )
        {
            await worker.AppendAsync($$"""{"pulses":{{pulses}},"pouredAt":"2026-03-{{at}}Z"}""");
        }

        var deleted = await worker.AppendAsync("""{"pulses":213,"pouredAt":"2026-03-02T20:20:00Z"}""");
        await worker.AppendAsync("""{"pulses":213,"volume":500,"pouredAt":"2026-03-02T20:20:00Z"}""");
        await worker.TurnAsync();
        await worker.QueryAsync(db => new PourStore(db, new EntryStore(db)).DeleteAsync(deleted.Id, reason: null, CancellationToken.None));
        var before = (await worker.PoursAsync()).Sum(pour => pour.VolumeMl);

        // 213 become 443.75 mL, 400 become 833.333, and 48 would be 100 mL exactly.
        var done = await CalibrateAsync(worker, 480, "2026-03-02T00:00:00Z");

        var pours = await worker.PoursAsync();
        Assert.Equal([473.333m, 208.333m, 443.75m, 833.333m, 100, 473.333m, 500], pours.Select(pour => pour.VolumeMl));
        Assert.Equal((4, pours.Sum(pour => pour.VolumeMl) - before, 0), (done.Changed, done.DifferenceMl, done.Kept));
        Assert.Equal(30_000 - pours.Sum(pour => pour.VolumeMl), await worker.LevelAsync(first));
        await KeepsTheRulesAsync(worker);

        // Now 48 pulses are too few.
        var less = await CalibrateAsync(worker, 500, "2026-03-02T00:00:00Z");
        Assert.Equal((3, 1), (less.Changed, less.Kept));
        Assert.Equal(100, (await worker.PoursAsync()).Single(pour => pour.Pulses == 48).VolumeMl);
        await KeepsTheRulesAsync(worker);
    }

    [Fact]
    public async Task Pours_that_are_stored_while_their_tap_is_calibrated_have_the_volume_of_the_last_calibration()
    {
        await using var worker = await CreateAsync();
        await CalibrateAsync(worker, 450, "2026-03-01T00:00:00Z");
        await worker.TapKegAsync(7, 1_000_000);
        using var end = new CancellationTokenSource();
        var calibrating = Task.Run(async () =>
        {
            var random = new Random(7);
            while (!end.IsCancellationRequested)
            {
                await CalibrateAsync(worker, random.Next(300, 600), "2026-03-01T00:00:00Z");
            }
        });
        for (var turn = 0; turn < 30; turn++)
        {
            await Task.WhenAll(Enumerable.Range(0, 5).Select(n => worker.AppendAsync($$"""{"pulses":{{180 + n}}}""")));
            await worker.TurnAsync();
        }

        await end.CancelAsync();
        await calibrating;

        var last = await worker.QueryAsync(db => db.Calibrations.OrderByDescending(row => row.Id).Select(row => row.PulsesPerLitre).FirstAsync());
        var pours = await worker.PoursAsync();
        Assert.Equal(150, pours.Count);
        Assert.All(pours, pour => Assert.Equal(Volumes.OfPulses(pour.Pulses!.Value, last), pour.VolumeMl));
        await KeepsTheRulesAsync(worker);
    }

    private async Task<Worker> CreateAsync()
    {
        var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        await worker.ExecuteSqlAsync("INSERT INTO taps (id) VALUES (7)");
        return worker;
    }

    private static async Task<Recalibrated> CalibrateAsync(Worker worker, decimal pulsesPerLitre, string? validFrom = null) =>
        (
            await worker.QueryAsync(db =>
                new Recalibration(db, new EntryStore(db)).SetAsync(
                    7,
                    pulsesPerLitre,
                    validFrom is null ? null : DateTimeOffset.Parse(validFrom, CultureInfo.InvariantCulture),
                    CancellationToken.None
                )
            )
        )!;

    private static async Task KeepsTheRulesAsync(Worker worker) =>
        Assert.Empty(await StoredRules.BrokenAsync(worker.Settings["ConnectionStrings:taproomdb"]!));
}
