using System.Globalization;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class TappingTests(Servers servers)
{
    [Fact]
    public async Task A_late_pour_and_its_deletion_go_to_the_keg_that_was_on_the_tap_when_it_was_poured()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        var before = DateTimeOffset.UtcNow.AddHours(-2);
        var a = await worker.TapKegAsync(tapId: 7, sizeMl: 30_000);
        await worker.ExecuteSqlAsync("UPDATE tappings SET tapped_at = now() - interval '1 hour'");
        var b = await worker.TapKegAsync(tapId: 7, sizeMl: 30_000);
        Assert.Equal(KegMove.Done, await worker.PutKegAsync(7, b));

        await PourAsync(DateTimeOffset.UtcNow.AddMinutes(-30), 500);
        await PourAsync(DateTimeOffset.UtcNow, 400);
        await PourAsync(before, 300);
        await worker.TurnAsync();

        Assert.Equal((29_500m, 29_600m), (await worker.LevelAsync(a), await worker.LevelAsync(b)));
        var late = (await worker.PoursAsync()).Single(pour => pour.KegId == a);
        await worker.QueryAsync(db => new PourStore(db, new EntryStore(db)).DeleteAsync(late.Id, reason: null, CancellationToken.None));
        Assert.Equal((30_000m, 29_600m), (await worker.LevelAsync(a), await worker.LevelAsync(b)));

        Task PourAsync(DateTimeOffset at, int volume) =>
            worker.AppendAsync($$"""{"volume":{{volume}},"pouredAt":"{{at.ToString("o", CultureInfo.InvariantCulture)}}"}""");
    }

    [Fact]
    public async Task A_pour_that_waited_while_its_keg_was_swapped_counts_for_the_old_keg()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        var a = await worker.TapKegAsync(tapId: 7, sizeMl: 30_000);
        var poured = await worker.AppendAsync("""{"volume":500}""");
        await Eventually.TrueAsync(() => Task.FromResult(DateTimeOffset.UtcNow - poured.ReceivedAt > TimeSpan.FromMilliseconds(5)), "time passes");
        var b = await worker.TapKegAsync(tapId: 7, sizeMl: 30_000);
        await worker.AppendAsync("""{"volume":400}""");

        await worker.TurnAsync();

        Assert.Equal((29_500m, 29_600m), (await worker.LevelAsync(a), await worker.LevelAsync(b)));
    }

    [Fact]
    public async Task A_pour_of_a_clock_of_whole_seconds_counts_for_the_keg_that_was_put_on_in_its_second_unless_another_was_on()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        var a = await worker.TapKegAsync(tapId: 7, sizeMl: 30_000);
        await worker.ExecuteSqlAsync("UPDATE tappings SET tapped_at = '2026-03-01T12:00:00.400Z', untapped_at = '2026-03-01T13:00:00.400Z'");
        await worker.ExecuteSqlAsync("UPDATE kegs SET tap_id = NULL");
        var b = await worker.TapKegAsync(tapId: 7, sizeMl: 30_000);
        await worker.ExecuteSqlAsync("UPDATE tappings SET tapped_at = '2026-03-01T13:00:00.400Z' WHERE untapped_at IS NULL");

        foreach (var (at, volume) in ((string, int)[])[("11:59:59", 100), ("12:00:00", 200), ("13:00:00", 400), ("13:00:01", 800)])
        {
            await worker.AppendAsync($$"""{"volume":{{volume}},"pouredAt":"2026-03-01T{{at}}Z"}""");
        }

        await worker.TurnAsync();

        Assert.Equal((29_400m, 29_200m), (await worker.LevelAsync(a), await worker.LevelAsync(b)));
    }

    [Fact]
    public async Task A_keg_is_on_one_tap_at_a_time()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        var keg = await worker.TapKegAsync(tapId: 7, sizeMl: 30_000);
        await worker.ExecuteSqlAsync("INSERT INTO taps (id) VALUES (8)");

        Assert.Equal(KegMove.Done, await worker.PutKegAsync(7, keg));
        Assert.Equal(KegMove.Elsewhere, await worker.PutKegAsync(8, keg));
        Assert.Equal(KegMove.NoTap, await worker.PutKegAsync(9, keg));
        Assert.Equal(KegMove.NoKeg, await worker.PutKegAsync(7, Guid.NewGuid()));
        Assert.True(await worker.QueryAsync(db => new Tappings(db).TakeOffAsync(7, CancellationToken.None)));
        Assert.False(await worker.QueryAsync(db => new Tappings(db).TakeOffAsync(7, CancellationToken.None)));
        Assert.Equal(KegMove.Done, await worker.PutKegAsync(8, keg));
    }

    [Fact]
    public async Task Kegs_can_be_swapped_while_batches_of_their_pours_are_stored()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        var kegs = new List<Guid>();
        foreach (var tap in Enumerable.Range(1, 4))
        {
            kegs.Add(await worker.TapKegAsync(tap, 1_000_000));
        }

        using var end = new CancellationTokenSource();
        var swapping = Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(async seed =>
                {
                    var random = new Random(seed);
                    while (!end.IsCancellationRequested)
                    {
                        await worker.QueryAsync(db => new Tappings(db).TakeOffAsync(random.Next(1, 5), CancellationToken.None));
                        await worker.PutKegAsync(random.Next(1, 5), kegs[random.Next(4)]);
                    }
                })
        );
        for (var turn = 0; turn < 30; turn++)
        {
            foreach (var tap in Enumerable.Range(1, 4).Reverse())
            {
                await worker.AppendAsync("""{"volume":100}""", tap.ToString(CultureInfo.InvariantCulture));
            }

            // A deadlock would be an exception here or in the swaps.
            await worker.TurnAsync();
        }

        await end.CancelAsync();
        await swapping;
        Assert.Equal(120, (await worker.PoursAsync()).Count);
        foreach (var keg in kegs)
        {
            var given = (await worker.PoursAsync()).Where(pour => pour.KegId == keg).Sum(pour => pour.VolumeMl);
            Assert.Equal(1_000_000 - given, await worker.LevelAsync(keg));
        }
    }
}
