using System.Text.Json;
using Dashboard.Web.Components.Common;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;
using Taproom.Pours;
using Taproom.Signals;
using Taproom.Store;

namespace Dashboard.Web.Components.Taps;

/// <summary>What the page of a tap shows beside what the board knows.</summary>
/// <param name="Hours">What it poured in each hour of the last week in which it did, in mL, by when that hour began, UTC.</param>
/// <param name="Charts">Temperature and level over time.</param>
/// <param name="Temperatures">Its newest temperatures in degrees Celsius, oldest first.</param>
/// <param name="Readings">Its newest readings, newest first.</param>
/// <param name="Pours">Its newest pours, newest first.</param>
/// <param name="Connections">When it came and went, newest first; null while Redis does not answer.</param>
/// <param name="Alerts">What was wrong with it of late, newest first.</param>
/// <param name="Calibrations">How it was calibrated, the last that holds first.</param>
public sealed record TapPast(
    IReadOnlyDictionary<DateTimeOffset, decimal> Hours,
    TapCharts Charts,
    IReadOnlyList<(DateTimeOffset At, decimal Celsius)> Temperatures,
    IReadOnlyList<PastReading> Readings,
    IReadOnlyList<PastPour> Pours,
    IReadOnlyList<PresenceChange>? Connections,
    IReadOnlyList<PastAlert> Alerts,
    IReadOnlyList<PastCalibration> Calibrations
);

/// <summary>How many pulses of the flow meter were a litre.</summary>
/// <param name="PulsesPerLitre">Pulses a litre.</param>
/// <param name="ValidFrom">From when on; UTC.</param>
/// <param name="SetAt">When somebody said so; UTC.</param>
public sealed record PastCalibration(decimal PulsesPerLitre, DateTimeOffset ValidFrom, DateTimeOffset SetAt);

/// <summary>What the sensors of a tap said.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">When it was received, UTC.</param>
/// <param name="Body">The JSON, as it came.</param>
public sealed record PastReading(Guid Id, DateTimeOffset At, string Body);

/// <summary>A stored pour.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">When it was poured, UTC.</param>
/// <param name="VolumeMl">Volume in mL.</param>
/// <param name="Glass">The glass.</param>
/// <param name="Purpose">What it was for.</param>
/// <param name="Pulses">Pulses of the meter; null where the tap did not tell.</param>
public sealed record PastPour(Guid Id, DateTimeOffset At, decimal VolumeMl, GlassType Glass, Purpose Purpose, long? Pulses);

/// <summary>Something that somebody should have looked at.</summary>
/// <param name="Id">Identity of the alert.</param>
/// <param name="Kind">What it was, for programs.</param>
/// <param name="Message">What it was, in English.</param>
/// <param name="Data">More of it: a JSON object.</param>
/// <param name="BeganAt">When it was noticed, UTC.</param>
/// <param name="EndedAt">When it was over, UTC; null while it is not.</param>
public sealed record PastAlert(Guid Id, string Kind, string Message, string Data, DateTimeOffset BeganAt, DateTimeOffset? EndedAt);

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
            .Select(reading => new PastReading(reading.Id, reading.ReceivedAt, reading.Body))
            .ToListAsync(cancellationToken);
        var pours = await db
            .Pours.Where(pour => pour.TapId == tapId)
            .OrderByDescending(pour => pour.PouredAt)
            .ThenByDescending(pour => pour.Seq)
            .Take(Listed)
            .Select(pour => new PastPour(pour.Id, pour.PouredAt, pour.VolumeMl, pour.Glass, pour.Purpose, pour.Pulses))
            .ToListAsync(cancellationToken);
        var alerts = await db
            .Alerts.FromSql($"SELECT * FROM alerts WHERE data::jsonb ->> 'tapId' = {device}")
            .OrderByDescending(alert => alert.BeganAt)
            .Take(Listed)
            .Select(alert => new PastAlert(alert.Id, alert.Kind, alert.Message, alert.Data, alert.BeganAt, alert.EndedAt))
            .ToListAsync(cancellationToken);
        var calibrations = await db
            .Calibrations.Where(row => row.TapId == tapId)
            .OrderByDescending(row => row.ValidFrom)
            .ThenByDescending(row => row.Id)
            .Take(Listed)
            .Select(row => new PastCalibration(row.PulsesPerLitre, row.ValidFrom, row.SetAt))
            .ToListAsync(cancellationToken);
        var charts = await TapCharts.ReadAsync(db, tapId, span, time.GetUtcNow(), cancellationToken);
        return new TapPast(
            hours,
            charts,
            [
                .. readings
                    .Where(reading => reading.At > since)
                    .Select(reading => (reading.At, CelsiusOf(reading.Body)))
                    .Where(reading => reading.Item2 is not null)
                    .Select(reading => (reading.At, reading.Item2!.Value))
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
