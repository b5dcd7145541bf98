using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Mqtt.Bridge.HomeAssistant;

/// <summary>Reads the figures of registered taps, all in one query.</summary>
internal sealed class TapFiguresQuery(IServiceScopeFactory scopes)
{
    /// <summary>Reads the figures of some taps, or of all of them.</summary>
    /// <param name="tapIds">The taps; null for all.</param>
    /// <param name="pourIds">Pours, deleted ones too, whose taps are read as well.</param>
    /// <param name="day">The day whose pours are counted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>One for each of those that are registered, and the taps that were asked for.</returns>
    public async Task<IReadOnlyList<TapFigures>> ReadAsync(int[]? tapIds, Guid[] pourIds, LocalDay day, CancellationToken cancellationToken)
    {
        // What was poured within whole hours of UTC is summed up already; only a zone that is half an hour off has pours beside them.
        var (firstHour, lastHour) = (HourFrom(day.Begin), HourTo(day.End));
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        return await db
            .Database.QueryReadings<TapFigures>(
                $"""
                SELECT t.id AS "TapId", t.name AS "Name", t.last_seen AS "LastSeen",
                    k.beverage AS "Beverage", k.size_ml AS "SizeMl", k.level_ml AS "LevelMl",
                    today.pours AS "PoursToday", today.volume_ml AS "VolumeTodayMl",
                    last.poured_at AS "LastPourAt", last.volume_ml AS "LastPourMl",
                    warmth.temperature AS "Temperature"
                FROM taps AS t
                LEFT JOIN kegs AS k ON k.tap_id = t.id
                LEFT JOIN LATERAL (
                    SELECT p.poured_at, p.volume_ml FROM pours AS p
                    WHERE p.tap_id = t.id AND p.deleted_at IS NULL ORDER BY p.poured_at DESC, p.seq DESC LIMIT 1
                ) AS last ON true
                CROSS JOIN LATERAL (
                    SELECT coalesce(sum(part.pours), 0)::bigint AS pours, coalesce(sum(part.volume_ml), 0) AS volume_ml FROM (
                        SELECT h.pours, h.volume_ml FROM hour_totals AS h WHERE h.tap_id = t.id AND h.hour >= {firstHour} AND h.hour < {lastHour}
                        UNION ALL
                        SELECT 1, p.volume_ml FROM pours AS p WHERE p.tap_id = t.id AND p.deleted_at IS NULL
                            AND p.poured_at >= {day.Begin} AND p.poured_at < {firstHour}
                        UNION ALL
                        SELECT 1, p.volume_ml FROM pours AS p WHERE p.tap_id = t.id AND p.deleted_at IS NULL
                            AND p.poured_at >= {lastHour} AND p.poured_at < {day.End}
                    ) AS part
                ) AS today
                LEFT JOIN LATERAL (
                    SELECT r.temperature_c::text AS temperature FROM (
                        SELECT temperature_c, seq FROM reading_numbers WHERE device = t.id::text ORDER BY seq DESC LIMIT 20
                    ) AS r
                    WHERE r.temperature_c IS NOT NULL ORDER BY r.seq DESC LIMIT 1
                ) AS warmth ON true
                WHERE t.registered_at IS NOT NULL
                    AND ({tapIds}::int[] IS NULL OR t.id = ANY ({tapIds}) OR t.id IN (SELECT tap_id FROM pours WHERE id = ANY ({pourIds})))
                """
            )
            .ToListAsync(cancellationToken);
    }

    private static DateTimeOffset HourTo(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerHour));

    private static DateTimeOffset HourFrom(DateTimeOffset at) => HourTo(at.AddTicks(TimeSpan.TicksPerHour - 1));
}
