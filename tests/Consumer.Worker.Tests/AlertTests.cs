using System.Text.Json;
using Consumer.Worker.Alerts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Taproom.Ingest;
using Taproom.Signals;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>What is wrong is told when it begins and when it is over, each once.</summary>
[Collection(nameof(ServersCollection))]
public sealed class AlertTests(Servers servers)
{
    private static readonly DateTimeOffset Evening = new(DateTimeOffset.UtcNow.Year + 1, 7, 3, 20, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task A_keg_that_runs_low_is_told_once_and_that_it_is_over_when_another_is_on_the_tap()
    {
        await using var worker = await WithKegAsync(1_000);
        await worker.AppendAsync("""{"volume":800}""");
        await TurnAsync(worker);
        Assert.Empty(await EventsAsync(worker));

        await worker.AppendAsync("""{"volume":100}""");
        await TurnAsync(worker);
        var keg = await worker.QueryAsync(db => db.Kegs.SingleAsync());
        var low = Assert.Single(await EventsAsync(worker));
        Assert.Equal(("keg-low", "taproom", null, "Keg Pils on tap 7 is low."), (low.Component, low.Environment, low.Email, low.Message));
        var alert = await worker.QueryAsync(db => db.Alerts.SingleAsync());
        Assert.Equal(
            $$$"""{"alertId":"{{{alert.Id}}}","alert":"begin","about":{"kegId":"{{{keg.Id}}}","tapId":7,"beverage":"Pils","levelMl":100.000,"sizeMl":1000.000}}""",
            low.Data
        );

        await worker.AppendAsync("""{"volume":100}""");
        await TurnAsync(worker);
        Assert.Single(await EventsAsync(worker));

        await worker.TapKegAsync(7, 1_000);
        await TurnAsync(worker);
        await TurnAsync(worker);
        var events = await EventsAsync(worker);
        Assert.Equal(["Keg Pils on tap 7 is low.", "Over: Keg Pils on tap 7 is low."], events.Select(told => told.Message));
        Assert.Contains("\"alert\":\"end\"", events[1].Data, StringComparison.Ordinal);
        Assert.Empty(await worker.DeadLettersAsync());
    }

    [Fact]
    public async Task A_worker_that_stops_before_it_has_told_leaves_that_to_the_next_and_two_that_look_at_once_tell_once()
    {
        await using var worker = await WithKegAsync(1_000);
        await worker.AppendAsync("""{"volume":900}""");
        await worker.TurnAsync();
        worker.Settings["Ingest:HighWaterMark"] = "1";
        await using var full = worker.Sibling();
        await worker.AppendAsync("""{"volume":100}""");
        // One that has not asked yet would still take the event.
        await Assert.ThrowsAsync<StreamFullException>(() => full.Get<StreamRoom>().ThrowIfFullAsync());
        await Assert.ThrowsAsync<StreamFullException>(() => full.Get<AlertWatch>().TurnAsync(CancellationToken.None));
        Assert.False((await worker.QueryAsync(db => db.Alerts.SingleAsync())).BeginTold);

        worker.Settings["Ingest:HighWaterMark"] = "1000";
        await using var other = worker.Sibling();
        await Task.WhenAll(worker.Get<AlertWatch>().TurnAsync(CancellationToken.None), other.Get<AlertWatch>().TurnAsync(CancellationToken.None));
        await worker.TurnAsync();

        Assert.Single(await EventsAsync(worker));
        Assert.Equal(1, await worker.QueryAsync(db => db.Alerts.CountAsync()));
    }

    [Fact]
    public async Task A_keg_that_the_pace_of_the_last_hour_empties_within_the_limit_is_told_and_a_short_pause_does_not_end_it()
    {
        await using var worker = await WithKegAsync(30_000);
        // 9 litres in the first five minutes tell nothing yet.
        _time.Advance(TimeSpan.FromMinutes(5));
        await PourAsync(worker, 500, 18);
        await TurnAsync(worker);
        Assert.Empty(await OpenAsync(worker));

        // In the half hour that it is on: the 21 that are left last for 70 minutes.
        _time.Advance(TimeSpan.FromMinutes(25));
        await TurnAsync(worker);
        Assert.Empty(await OpenAsync(worker));

        await PourAsync(worker, 500, 12);
        await TurnAsync(worker);
        Assert.Equal(["Keg Pils on tap 7 is empty in about 30 min."], await OpenAsync(worker));
        _time.Advance(TimeSpan.FromMinutes(30));
        await TurnAsync(worker);
        Assert.Single(await OpenAsync(worker));

        _time.Advance(TimeSpan.FromMinutes(31));
        await TurnAsync(worker);
        Assert.Empty(await OpenAsync(worker));
    }

    [Fact]
    public async Task A_tap_that_is_away_in_opening_hours_is_told_after_a_while_and_its_return_too()
    {
        _time.SetUtcNow(Evening);
        // 20:00 UTC is 22:00 in the summer of Berlin.
        await using var worker = await CreateAsync(("Alerts:OpeningHours", "21:30-02:00"), ("Alerts:TimeZone", "Europe/Berlin"));
        var presence = worker.Get<TapPresence>();
        await presence.ConnectedAsync([7]);
        await TurnAsync(worker);
        await presence.DisconnectedAsync(7);
        await TurnAsync(worker);
        Assert.Empty(await OpenAsync(worker));

        _time.Advance(TimeSpan.FromMinutes(2));
        await TurnAsync(worker);
        Assert.Equal(["Tap 7 is offline."], await OpenAsync(worker));
        await using (var next = worker.Sibling())
        {
            await TurnAsync(next);
            Assert.Single(await OpenAsync(worker));
        }

        await presence.ConnectedAsync([7]);
        await TurnAsync(worker);
        Assert.Empty(await OpenAsync(worker));
        await presence.DisconnectedAsync(7);
        _time.Advance(TimeSpan.FromHours(6));
        await TurnAsync(worker);
        _time.Advance(TimeSpan.FromMinutes(3));
        await TurnAsync(worker);
        Assert.Empty(await OpenAsync(worker));
    }

    [Fact]
    public async Task Beer_that_has_been_warm_for_ten_minutes_is_told_until_it_is_cold_again()
    {
        await using var worker = await CreateAsync();
        await ReadAsync(worker, """{"temperatureC":4.5}""");
        foreach (var (device, body) in OddReadings.All.Select(body => ("6", body)).Append(("99999999999999999999", """{"temperatureC":30}""")))
        {
            await worker.QueryAsync(db =>
                db.Database.ExecuteSqlAsync(
                    $"INSERT INTO readings (id, device, received_at, body) VALUES (gen_random_uuid(), {device}, {_time.GetUtcNow()}, {body})"
                )
            );
        }

        for (var minute = 1; minute <= 10; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await ReadAsync(worker, """{"temperatureC":12.25,"flowLpm":0}""");
        }

        await TurnAsync(worker);
        Assert.Empty(await OpenAsync(worker));
        _time.Advance(TimeSpan.FromMinutes(1));
        await ReadAsync(worker, """{"temperatureC":13}""");
        await ReadAsync(worker, """{"temperatureC":30}""", tap: "8");
        await TurnAsync(worker);
        Assert.Equal(["Tap 7 has 13 °C, and should have 0 to 10."], await OpenAsync(worker));

        await ReadAsync(worker, """{"temperatureC":9}""");
        await TurnAsync(worker);
        Assert.Empty(await OpenAsync(worker));
    }

    [Fact]
    public async Task A_flow_that_becomes_no_pour_is_told_and_one_that_does_is_not()
    {
        await using var worker = await CreateAsync();
        for (var minute = 0; minute <= 5; minute++)
        {
            await ReadAsync(worker, """{"flowLpm":0.25}""");
            await ReadAsync(worker, """{"flowLpm":2}""", tap: "8");
            await ReadAsync(worker, """{"pulses":7}""", tap: "9");
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        await worker.AppendAsync("""{"volume":500}""", tap: "8");
        await TurnAsync(worker);

        Assert.Equal(["Beer flows at tap 7 (0.25 L/min), and no pour is reported."], await OpenAsync(worker));
    }

    [Fact]
    public async Task Many_dead_letters_of_one_tap_are_told_until_they_are_an_hour_old()
    {
        await using var worker = await CreateAsync(("Alerts:DeadLetters", "3"));
        foreach (var tap in (string[])["7", "7", "8", "7"])
        {
            await worker.AppendAsync("""{"volume":1}""", tap: tap);
        }

        await TurnAsync(worker);
        var message = Assert.Single(await OpenAsync(worker));
        Assert.StartsWith("3 reports of 7 were set aside within an hour: ", message, StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromMinutes(61));
        await TurnAsync(worker);
        Assert.Empty(await OpenAsync(worker));
    }

    [Fact]
    public async Task A_meter_that_has_not_answered_for_a_while_is_told()
    {
        await using var worker = await CreateAsync();
        await TurnAsync(worker);
        await worker.ExecuteSqlAsync(
            """
            INSERT INTO meters (id, kind, address, user_name, secret, active, last_timestamp, last_error) VALUES
            ('001', 'json', 'http://a.example', '', '', true, now() - interval '6 minutes', 'Connection refused'),
            ('002', 'json', 'http://a.example', '', '', true, now() - interval '1 minute', 'Connection refused'),
            ('003', 'json', 'http://a.example', '', '', false, NULL, 'Connection refused'),
            ('004', 'json', 'http://a.example', '', '', true, now() - interval '6 minutes', NULL)
            """
        );

        await TurnAsync(worker);

        Assert.Equal(["Meter 001 cannot be read: Connection refused"], await OpenAsync(worker));
    }

    [Fact]
    public async Task Entries_that_wait_for_too_long_are_told_and_so_is_that_they_are_stored()
    {
        await using var worker = await CreateAsync(("Alerts:LineAge", "00:00:01"));
        await worker.AppendAsync("""{"volume":500}""");

        await Eventually.TrueAsync(
            async () =>
            {
                await worker.Get<AlertWatch>().TurnAsync(CancellationToken.None);
                return (await OpenAsync(worker)).Count == 1;
            },
            "they are told"
        );
        Assert.StartsWith("Entries wait to be stored: 1, the oldest for ", Assert.Single(await OpenAsync(worker)), StringComparison.Ordinal);
        await worker.TurnAsync();
        await TurnAsync(worker);

        Assert.Empty(await OpenAsync(worker));
        Assert.Equal(2, (await EventsAsync(worker)).Count);
    }

    [Theory]
    [InlineData("OpeningHours", "25:00-02:00")]
    [InlineData("OpeningHours", "evening")]
    [InlineData("TimeZone", "Berlin")]
    [InlineData("MinTemperatureC", "30")]
    [InlineData("Interval", "00:00:00")]
    public async Task Settings_that_make_no_sense_are_refused_at_the_start(string name, string value)
    {
        await using var worker = await CreateAsync(($"Alerts:{name}", value));

        var refusal = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(worker.StartAsync);

        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
    }

    private async Task<Worker> CreateAsync(params IEnumerable<(string Key, string Value)> overrides)
    {
        var settings = await servers.SettingsAsync();
        foreach (var (key, value) in overrides)
        {
            settings[key] = value;
        }

        return Worker.Create(settings, _time);
    }

    private async Task<Worker> WithKegAsync(decimal sizeMl)
    {
        var worker = await CreateAsync();
        await worker.TurnAsync();
        await worker.TapKegAsync(7, sizeMl);
        // Postgres has its own clock: by this one, still at the test's start, the pours would be older than the keg that they come from.
        _time.SetUtcNow(DateTimeOffset.UtcNow);
        return worker;
    }

    private static async Task PourAsync(Worker worker, decimal volumeMl, int count)
    {
        for (var n = 0; n < count; n++)
        {
            await worker.AppendAsync(JsonSerializer.Serialize(new { volume = volumeMl }));
        }
    }

    private static async Task ReadAsync(Worker worker, string json, string tap = "7")
    {
        await worker.AppendAsync(json, tap, kind: EntryKinds.Reading);
        await worker.TurnAsync();
    }

    /// <summary>Stores what waits, looks for alerts, and stores what was told.</summary>
    private static async Task TurnAsync(Worker worker)
    {
        await worker.TurnAsync();
        await worker.Get<AlertWatch>().TurnAsync(CancellationToken.None);
        await worker.TurnAsync();
    }

    private static Task<List<string>> OpenAsync(Worker worker) =>
        worker.QueryAsync(db => db.Alerts.Where(alert => alert.EndedAt == null).Select(alert => alert.Message).ToListAsync());

    private static Task<List<StoredEvent>> EventsAsync(Worker worker) => worker.QueryAsync(db => db.Events.OrderBy(told => told.Seq).ToListAsync());
}
