using System.Text.Json;
using Dashboard.Web.Components.Common;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Dashboard.Web.Components.Taps;

/// <summary>What the page of a tap shows beside what the board knows.</summary>
/// <param name="Hours">What it poured in each hour of the last week in which it did, in mL, by when that hour began, UTC.</param>
/// <param name="Temperatures">Its newest temperatures in degrees Celsius, oldest first.</param>
/// <param name="Alerts">What was wrong with it of late, newest first.</param>
internal sealed record TapPast(
    IReadOnlyDictionary<DateTimeOffset, decimal> Hours,
    IReadOnlyList<(DateTimeOffset At, decimal Celsius)> Temperatures,
    IReadOnlyList<PastAlert> Alerts
);

/// <summary>Something that somebody should have looked at.</summary>
/// <param name="Id">Identity of the alert.</param>
/// <param name="Message">What it was.</param>
/// <param name="BeganAt">When it was noticed, UTC.</param>
/// <param name="EndedAt">When it was over, UTC; null while it is not.</param>
internal sealed record PastAlert(Guid Id, string Message, DateTimeOffset BeganAt, DateTimeOffset? EndedAt);

/// <summary>Reads the past of one tap.</summary>
internal sealed class TapHistory(IServiceScopeFactory scopes, TimeProvider time)
{
    private const int Readings = 100;
    private const int Alerts = 10;

    /// <summary>Reads it.</summary>
    public async Task<TapPast> ReadAsync(int tapId, CancellationToken cancellationToken)
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
            .Select(reading => new { reading.ReceivedAt, reading.Body })
            .ToListAsync(cancellationToken);
        var alerts = await db
            .Alerts.FromSql($"SELECT * FROM alerts WHERE data::jsonb ->> 'tapId' = {device}")
            .OrderByDescending(alert => alert.BeganAt)
            .Take(Alerts)
            .Select(alert => new PastAlert(alert.Id, alert.Message, alert.BeganAt, alert.EndedAt))
            .ToListAsync(cancellationToken);
        return new TapPast(
            hours,
            [
                .. readings
                    .Where(reading => reading.ReceivedAt > since)
                    .Select(reading => (reading.ReceivedAt, Temperature(reading.Body)))
                    .Where(reading => reading.Item2 is not null)
                    .Select(reading => (reading.ReceivedAt, reading.Item2!.Value))
                    .Reverse(),
            ],
            alerts
        );
    }

    private static decimal? Temperature(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty("temperatureC", out var value) && value.TryGetDecimal(out var celsius) ? celsius : null;
    }
}
