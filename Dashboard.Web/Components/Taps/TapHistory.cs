using System.Text.Json;
using Dashboard.Web.Board;
using Dashboard.Web.Components.Common;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;
using Taproom.Signals;
using Taproom.Store;

namespace Dashboard.Web.Components.Taps;

/// <summary>What the page of a tap shows beside what the board knows.</summary>
/// <param name="Hours">What it poured in each hour of the last week in which it did, in mL, by when that hour began, UTC.</param>
/// <param name="Charts">Temperature and level over time.</param>
/// <param name="Temperatures">Its newest temperatures, oldest first.</param>
/// <param name="Readings">Its newest readings, newest first.</param>
/// <param name="Pours">Its newest pours, newest first.</param>
/// <param name="Connections">When it came and went, newest first; null while Redis does not answer.</param>
/// <param name="Alerts">What was wrong with it of late, newest first.</param>
/// <param name="Calibrations">How it was calibrated, the last that holds first.</param>
public sealed record TapPast(
    IReadOnlyDictionary<DateTimeOffset, decimal> Hours,
    TapCharts Charts,
    IReadOnlyList<TemperatureView> Temperatures,
    IReadOnlyList<StoredReading> Readings,
    IReadOnlyList<StoredPour> Pours,
    IReadOnlyList<PresenceChange>? Connections,
    IReadOnlyList<Alert> Alerts,
    IReadOnlyList<Calibration> Calibrations
);

/// <summary>Reads the past of one tap.</summary>
internal sealed class TapHistory(IServiceScopeFactory scopes, TapPresence presence, TimeProvider time)
{
    private const int Readings = 100;
    private const int Listed = 10;

    /// <summary>Reads it.</summary>
    /// <param name="tapId">The tap.</param>
    /// <param name="span">The time of the charts.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<TapPast> ReadAsync(int tapId, ChartSpan span, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        // A day more, because the first day begins at the visitor's midnight.
        var since = time.GetUtcNow().AddDays(-HourBars.Days - 1);
        var hours = await db
            .HourTotals.Where(hour => hour.TapId == tapId && hour.Hour > since)
            .ToDictionaryAsync(hour => hour.Hour, hour => hour.VolumeMl, cancellationToken);
        var device = $"{tapId}";
        var readings = await db
            .Readings.Where(reading => reading.Device == device)
            .OrderByDescending(reading => reading.Seq)
            .Take(Readings)
            .ToListAsync(cancellationToken);
        var pours = await db
            .Pours.Where(pour => pour.TapId == tapId)
            .OrderByDescending(pour => pour.PouredAt)
            .ThenByDescending(pour => pour.Seq)
            .Take(Listed)
            .ToListAsync(cancellationToken);
        var alerts = await db
            .Alerts.FromSql($"SELECT * FROM alerts WHERE data::jsonb ->> 'tapId' = {device}")
            .OrderByDescending(alert => alert.BeganAt)
            .Take(Listed)
            .ToListAsync(cancellationToken);
        var calibrations = await db
            .Calibrations.Where(row => row.TapId == tapId)
            .OrderByDescending(row => row.ValidFrom)
            .ThenByDescending(row => row.Id)
            .Take(Listed)
            .ToListAsync(cancellationToken);
        var charts = await TapCharts.ReadAsync(db, tapId, span, time.GetUtcNow(), cancellationToken);
        return new TapPast(
            hours,
            charts,
            [
                .. readings
                    .Where(reading => reading.ReceivedAt > since)
                    .Select(reading => CelsiusOf(reading.Body) is { } celsius ? new TemperatureView(celsius, reading.ReceivedAt) : null)
                    .OfType<TemperatureView>()
                    .Reverse(),
            ],
            [.. readings.Take(Listed)],
            pours,
            await ConnectionsAsync(tapId),
            alerts,
            calibrations
        );
    }

    private async Task<IReadOnlyList<PresenceChange>?> ConnectionsAsync(int tapId)
    {
        try
        {
            return await presence.ChangesAsync(tapId);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            return null;
        }
    }

    private static decimal? CelsiusOf(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty("temperatureC", out var value) ? Celsius(value) : null;
    }

    /// <summary>A temperature that can be shown in every unit; null where it is none.</summary>
    internal static decimal? Celsius(JsonElement value) =>
        value.ValueKind is JsonValueKind.Number && value.TryGetDecimal(out var celsius) && celsius is >= -273 and <= 1_000 ? celsius : null;
}
