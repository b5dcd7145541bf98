using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class OdometerTests(Servers servers)
{
    private const string Day = "2026-03-01T";
    private static readonly DateTimeOffset From = DateTimeOffset.Parse("2026-03-01T00:00:00Z", CultureInfo.InvariantCulture);

    [Fact]
    public async Task What_readings_say_of_an_odometer_is_kept_by_the_minute_and_told_by_the_hour_however_they_come()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        await worker.ExecuteSqlAsync("INSERT INTO taps (id) VALUES (7)");
        await CalibrateAsync(worker, 500);
        (string At, long Odometer)[] readings =
        [
            ("19:59:10", 1_000),
            ("20:00:05", 1_000),
            ("20:00:20", 1_040),
            // In the middle of the pour of 20:01.
            ("20:00:50", 1_100),
            ("20:01:30", 1_240),
            ("21:10:00", 1_265),
            // A new meter, which has counted 15.
            ("22:10:00", 15),
            ("22:10:00", 15),
        ];
        var random = Fuzz.Random(1);
        for (var batch = 0; batch < 3; batch++)
        {
            // The same again and again, in any order, with what is nobody's odometer between them.
            random.Shuffle(readings);
            foreach (var (at, odometer) in readings)
            {
                await ReadAsync(worker, $$"""{"odometer":{{odometer}},"readAt":"{{Day}}{{at}}Z","temperatureC":4.5}""");
            }

            await ReadAsync(worker, """{"temperatureC":4.5}""");
            await worker.AppendAsync($$"""{"odometer":9999,"readAt":"{{Day}}20:00:05Z"}""", "meter:002738", kind: EntryKinds.Reading);
            await worker.TurnAsync();
        }

        Assert.Empty(await worker.DeadLettersAsync());
        var rows = await worker.QueryAsync(db => db.OdometerMinutes.OrderBy(row => row.Minute).ToListAsync());
        Assert.Equal(
            [(7, 1_000, 1_000), (7, 1_000, 1_100), (7, 1_240, 1_240), (7, 1_265, 1_265), (7, 15, 15)],
            rows.Select(row => (row.TapId, row.FirstPulses, row.LastPulses))
        );
        // Nothing was poured: 240 from eight to nine, 25 in the next hour, 15 of the new meter.
        Assert.Equal([(20, 240, 480m), (21, 25, 50m), (22, 15, 30m)], await HoursAsync(worker, resets: 1));

        // The pour comes late, and then another that tells no odometer.
        var late = await worker.AppendAsync($$"""{"pulses":200,"odometer":1240,"pouredAt":"{{Day}}20:01:00Z"}""");
        await worker.TurnAsync();
        Assert.Equal([(20, 40, 80m), (21, 25, 50m), (22, 15, 30m)], await HoursAsync(worker, resets: 1));
        await worker.AppendAsync($$"""{"volume":100,"pulses":20,"pouredAt":"{{Day}}20:30:00Z"}""");
        await worker.TurnAsync();
        Assert.Equal([(20, 40, 80m), (21, 5, 10m), (22, 15, 30m)], await HoursAsync(worker, resets: 1));

        // The calibration changes, and the pour is deleted.
        await CalibrateAsync(worker, 400);
        Assert.Equal([(20, 40, 100m), (21, 5, 12.5m), (22, 15, 37.5m)], await HoursAsync(worker, resets: 1));
        await worker.QueryAsync(db => new PourStore(db, new EntryStore(db)).DeleteAsync(late.Id, reason: null, CancellationToken.None));
        Assert.Equal([(20, 240, 600m), (21, 5, 12.5m), (22, 15, 37.5m)], await HoursAsync(worker, resets: 1));
        Assert.Empty(await StoredRules.BrokenAsync(worker.Settings["ConnectionStrings:taproomdb"]!));
    }

    [Fact]
    public async Task A_reading_whose_clock_cannot_be_believed_was_read_when_it_was_received()
    {
        await using var worker = await Worker.CreateAsync(servers);
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        await ReadAsync(worker, """{"odometer":1,"readAt":"1970-01-01T00:00:09Z"}""");
        await ReadAsync(worker, """{"odometer":2,"readAt":"2099-01-01T00:00:09Z"}""");
        await ReadAsync(worker, """{"odometer":3}""");
        await worker.TurnAsync();

        var rows = await worker.QueryAsync(db => db.OdometerMinutes.OrderBy(row => row.Minute).ToListAsync());
        Assert.Equal((1, 3), (rows[0].FirstPulses, rows[^1].LastPulses));
        Assert.All(rows, row => Assert.True(row.FirstAt > before && row.LastAt == row.LastReceivedAt));
    }

    private static Task<IngestEntry> ReadAsync(Worker worker, string body) => worker.AppendAsync(body, "7", kind: EntryKinds.Reading);

    private static Task<Recalibrated?> CalibrateAsync(Worker worker, decimal pulsesPerLitre) =>
        worker.QueryAsync(db => new Recalibration(db, new EntryStore(db)).SetAsync(7, pulsesPerLitre, From, CancellationToken.None));

    private static async Task<IEnumerable<(int Hour, long Pulses, decimal? VolumeMl)>> HoursAsync(Worker worker, int resets)
    {
        var found = await worker.QueryAsync(db => new Unaccounted(db).ReadAsync(7, From, From.AddDays(1), CancellationToken.None));
        Assert.Equal(resets, found!.Value.Resets);
        return found.Value.Hours.Select(hour => (hour.Hour.Hour, hour.Pulses, hour.VolumeMl));
    }
}
