using Dashboard.Web.Components.Common;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Dashboard.Web.Components.Taps;

/// <summary>How warm the beer of a tap was, and what was in its kegs, over time.</summary>
/// <param name="Span">The time.</param>
/// <param name="Temperature">Mean of each step in degrees Celsius.</param>
/// <param name="Level">What was left at the end of each step in the keg that was on the tap, in mL.</param>
public sealed record TapCharts(ChartSpan Span, Series Temperature, Series Level)
{
    private static readonly DateTimeOffset Origin = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads them; Postgres makes the steps, so that a busy week costs the page no more than a quiet one.</summary>
    public static async Task<TapCharts> ReadAsync(TaproomDb db, int tapId, ChartSpan span, DateTimeOffset now, CancellationToken cancellationToken) =>
        new(
            span,
            Series.Of(await TemperaturesAsync(db, tapId, span, span.StartAt(now), cancellationToken), span, now),
            Series.Of(await LevelsAsync(db, tapId, span, now, cancellationToken), span, now)
        );

    private static async Task<Dictionary<DateTimeOffset, decimal>> TemperaturesAsync(
        TaproomDb db,
        int tapId,
        ChartSpan span,
        DateTimeOffset since,
        CancellationToken cancellationToken
    ) =>
        await db
            .Database.QueryReadings<Step>(
                $"""
                SELECT date_bin({span.Step}, received_at, {Origin}) AS "At", round(avg(temperature_c), 1) AS "Value"
                FROM reading_numbers
                WHERE device = {$"{tapId}"} AND received_at >= {since} AND temperature_c BETWEEN -273 AND 1000
                GROUP BY 1
                """
            )
            .ToDictionaryAsync(step => step.At, step => step.Value, cancellationToken);

    // Nobody writes levels down: they follow from what is left now and what was poured since. What was poured of a keg at another tap, or
    // corrected by hand, is not seen here.
    private static async Task<Dictionary<DateTimeOffset, decimal>> LevelsAsync(
        TaproomDb db,
        int tapId,
        ChartSpan span,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var since = span.StartAt(now);
        var kegs = await db
            .Tappings.Where(row => row.TapId == tapId && (row.UntappedAt == null || row.UntappedAt > since))
            .OrderBy(row => row.TappedAt)
            .Join(
                db.Kegs,
                row => row.KegId,
                keg => keg.Id,
                (row, keg) =>
                    new
                    {
                        row.KegId,
                        row.TappedAt,
                        row.UntappedAt,
                        keg.LevelMl,
                    }
            )
            .ToListAsync(cancellationToken);
        var poured = await db
            .Database.SqlQuery<KegStep>(
                $"""
                SELECT keg_id AS "KegId", date_bin({span.Step}, poured_at, {Origin}) AS "At", sum(volume_ml) AS "Value" FROM pours
                WHERE tap_id = {tapId} AND poured_at >= {since} AND keg_id IS NOT NULL AND deleted_at IS NULL GROUP BY 1, 2
                """
            )
            .ToListAsync(cancellationToken);
        var levels = new Dictionary<DateTimeOffset, decimal>();
        var latest = span.StepOf(now);
        foreach (var keg in kegs)
        {
            var last = keg.UntappedAt is { } untapped && untapped < now ? span.StepOf(untapped) : latest;
            var level = keg.LevelMl;
            var steps = poured.Where(step => step.KegId == keg.KegId).ToDictionary(step => step.At, step => step.Value);
            level += steps.Where(step => step.Key > last).Sum(step => step.Value);
            for (var at = last; at >= since && at >= span.StepOf(keg.TappedAt); at -= span.Step)
            {
                levels[at] = level;
                level += steps.GetValueOrDefault(at);
            }
        }

        return levels;
    }

    private sealed record Step(DateTimeOffset At, decimal Value);

    private sealed record KegStep(Guid KegId, DateTimeOffset At, decimal Value);
}
