using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Taproom.Pours;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>Whatever happens to pours, in whatever order and at once, sums stay sums. <see cref="Fuzz"/> says how to try more.</summary>
[Collection(nameof(ServersCollection))]
public sealed class TotalsPropertyTests(Servers servers)
{
    private const decimal KegMl = 1_000_000;
    private static readonly int[] Taps = [1, 2, 3];

    // Whole milliseconds, as pours have them.
    private readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.AddHours(-6).ToUnixTimeMilliseconds());
    private readonly List<Guid> _pours = [];
    private readonly List<Guid> _kegs = [];
    private readonly HashSet<(Guid Id, Purpose Purpose)> _said = [];

    [Fact]
    public async Task In_whatever_order_pours_deletions_calibrations_purposes_cleanings_kegs_and_their_readings_come_totals_and_levels_are_the_sums()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        foreach (var tap in Taps)
        {
            _kegs.Add(await worker.TapKegAsync(tap, KegMl));
        }

        // Kegs are put on now, and pours are of any time before.
        await worker.ExecuteSqlAsync($"UPDATE tappings SET tapped_at = '{_start:O}'");
        for (var n = 0; n < Fuzz.Count(60); n++)
        {
            var random = Fuzz.Random(n);
            var said = $"Seed {Fuzz.Seed}, step {n}";
            for (var pours = random.Next(8); pours > 0; pours--)
            {
                await PourAsync(worker, random);
            }

            // At once: a deadlock would be an exception here.
            await Task.WhenAll([worker.TurnAsync(), .. Enumerable.Range(0, random.Next(4)).Select(_ => ChangeAsync(worker, random))]);
            if (n % 10 == 9)
            {
                await HoldsAsync(worker, said);
            }
        }

        await worker.TurnAsync();
        await HoldsAsync(worker, $"Seed {Fuzz.Seed}, at the end");
        Assert.True(await worker.QueryAsync(db => db.Pours.CountAsync(pour => pour.VolumeDerived)) > 10);
    }

    private async Task PourAsync(Worker worker, Random random)
    {
        var amount = random.Next(3) switch
        {
            0 => $"\"volume\":{random.Next(100_000, 1_000_001) / 1000m}",
            1 => $"\"pulses\":{random.Next(20, 500)}",
            _ => $"\"pulses\":{random.Next(20, 500)},\"volume\":{random.Next(100, 1_001)}",
        };
        var purpose = Any(random);
        // Some come again.
        Guid? id = _pours.Count > 0 && random.Next(10) == 0 ? _pours[random.Next(_pours.Count)] : null;
        var entry = await worker.AppendAsync(
            string.Create(CultureInfo.InvariantCulture, $$"""{{{amount}},"pouredAt":"{{At(random):O}}","purpose":"{{purpose.Name()}}"}"""),
            Taps[random.Next(Taps.Length)].ToString(CultureInfo.InvariantCulture),
            id
        );
        _pours.Add(entry.Id);
        _said.Add((entry.Id, purpose));
    }

    private Task ChangeAsync(Worker worker, Random random)
    {
        var (tap, pour, keg) = (
            Taps[random.Next(Taps.Length)],
            _pours.Count == 0 ? default : _pours[random.Next(_pours.Count)],
            _kegs[random.Next(3)]
        );
        var (factor, from, purpose) = (random.Next(200_000, 900_000) / 1000m, random.Next(4) == 0 ? null : (DateTimeOffset?)At(random), Any(random));
        var (left, size) = (random.Next(0, 1_000_000_001) / 1000m, random.Next(900_000_000, 1_100_000_001) / 1000m);
        var isAccepted = random.Next(2) == 0;
        return random.Next(12) switch
        {
            0 => worker.QueryAsync(db => new PourStore(db, new EntryStore(db)).DeleteAsync(pour, reason: null, CancellationToken.None)),
            1 => worker.QueryAsync(db => new PourStore(db, new EntryStore(db)).SetPurposeAsync(pour, purpose, "a reason", CancellationToken.None)),
            2 => worker.QueryAsync(db => new Tappings(db).TakeOffAsync(tap, CancellationToken.None)),
            3 => worker.PutKegAsync(tap, keg),
            4 => worker.QueryAsync(db => StockOf(db).CorrectAsync(keg, _ => left, null, CancellationToken.None)),
            5 => worker.QueryAsync(db => StockOf(db).ChangeAsync(keg, new KegEdit { SizeMl = size }, null, CancellationToken.None)),
            6 => worker.QueryAsync(db => new Cleanings(db).BeginAsync(tap, At(random), At(random), CancellationToken.None)),
            7 => worker.QueryAsync(db => new Cleanings(db).EndAsync(tap, CancellationToken.None)),
            8 => worker.QueryAsync(db => new Proposals(db).AnswerAsync(tap, At(random), At(random), isAccepted, null, CancellationToken.None)),
            9 => worker.Get<ProposalWatch>().TurnAsync(CancellationToken.None),
            _ => worker.QueryAsync(db => new Recalibration(db, new EntryStore(db)).SetAsync(tap, factor, from, CancellationToken.None)),
        };
    }

    private async Task HoldsAsync(Worker worker, string said)
    {
        var broken = await StoredRules.BrokenAsync(worker.Settings["ConnectionStrings:taproomdb"]!);
        Assert.True(broken.Count == 0, $"{said}: {string.Join("\n", broken)}");
        var pours = await worker.PoursAsync();
        foreach (var keg in await worker.QueryAsync(db => db.Kegs.ToListAsync()))
        {
            var given = pours.Where(pour => pour.KegId == keg.Id).Sum(pour => pour.VolumeMl);
            var corrected = await worker.QueryAsync(db => db.KegReadings.Where(row => row.KegId == keg.Id).SumAsync(row => row.CorrectionMl));
            Assert.True(keg.LevelMl == keg.SizeMl - given + corrected, $"{said}: the level of keg {keg.Id}");
            // Whatever became of it is told, to the last drop.
            var became = await worker.QueryAsync(db => new KegYields(db, new Unaccounted(db)).ReadAsync(keg, CancellationToken.None));
            Assert.Equal(
                (given, keg.LevelMl),
                (became.SoldMl + became.TastersMl + became.FoamMl + became.SpiltMl + became.CleaningMl, became.LeftMl)
            );
        }

        // What nobody said anything of, no rule changed either.
        Assert.All(pours.Where(pour => pour.PurposeRule is null), pour => Assert.Contains((pour.Id, pour.Purpose), _said));
        var calibrations = await worker.QueryAsync(db => db.Calibrations.ToListAsync());
        foreach (var pour in pours.Where(pour => pour.VolumeDerived))
        {
            // In words: of those of its tap that hold at its time, else of the first ones, the last that was set.
            var ofTap = calibrations.Where(row => row.TapId == pour.TapId).OrderByDescending(row => row.Id).ToList();
            var time = ofTap.Select(row => row.ValidFrom).Where(from => from <= pour.PouredAt).DefaultIfEmpty(ofTap.Min(row => row.ValidFrom)).Max();
            var factor = ofTap.First(row => row.ValidFrom == time).PulsesPerLitre;
            // One that would fill no glass keeps the volume that it had.
            Assert.True((Volumes.OfPulses(pour.Pulses!.Value, factor) ?? pour.VolumeMl) == pour.VolumeMl, $"{said}: pour {pour.Id} at {factor}");
        }
    }

    private static KegStock StockOf(TaproomDb db) => new(db, new BeverageNames(db, TimeProvider.System));

    private DateTimeOffset At(Random random) => _start.AddMinutes(random.Next(0, 355));

    private static Purpose Any(Random random) => (Purpose)random.Next(5);
}
