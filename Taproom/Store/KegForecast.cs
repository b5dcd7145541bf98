using Microsoft.EntityFrameworkCore;

namespace Taproom.Store;

/// <summary>When a keg will be empty, if it goes on as in the last hour.</summary>
/// <param name="LeftMl">What is left, in mL.</param>
/// <param name="Minutes">In about how many minutes.</param>
/// <param name="MinMinutes">Nine times out of ten not before.</param>
/// <param name="MaxMinutes">Nine times out of ten not after; null where the last hour does not tell.</param>
public sealed record KegForecast(decimal LeftMl, int Minutes, int MinMinutes, int? MaxMinutes)
{
    private const int FewestPours = 5;

    // Half of what lies outside of the bounds is on either side.
    private const double NinetyPercent = 1.645;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);

    // Further than a day an hour does not see.
    private static readonly TimeSpan Farthest = TimeSpan.FromDays(1);

    /// <summary>Tells it of a pace; null where too little was poured, or for too short a time, or nothing is left.</summary>
    /// <remarks>
    /// Guests come one by one and by chance, so what is poured in a time scatters as a compound Poisson process does: its variance is the sum
    /// of the squares. That of the hour that was seen and that of the time to come add up.
    /// </remarks>
    /// <param name="leftMl">What is left, in mL.</param>
    /// <param name="pours">Pours that were seen.</param>
    /// <param name="pouredMl">Sum of their volumes, in mL.</param>
    /// <param name="squares">Sum of the squares of their volumes.</param>
    /// <param name="watched">For how long.</param>
    public static KegForecast? Of(decimal leftMl, long pours, decimal pouredMl, decimal squares, TimeSpan watched)
    {
        if (pours < FewestPours || watched < Shortest || leftMl <= 0 || leftMl / pouredMl > (decimal)(Farthest / watched))
        {
            return null;
        }

        var minutes = watched.TotalMinutes * (double)(leftMl / pouredMl);
        var scatter = NinetyPercent * Math.Sqrt((double)(squares / pouredMl / pouredMl + squares / pouredMl / leftMl));
        var longest = scatter < 1 ? minutes / (1 - scatter) : double.MaxValue;
        return new KegForecast(
            leftMl,
            Math.Max(1, (int)Math.Round(minutes)),
            (int)Math.Floor(minutes / (1 + scatter)),
            longest > Farthest.TotalMinutes ? null : (int)Math.Ceiling(longest)
        );
    }
}

/// <summary>Reads the pace at which kegs go empty.</summary>
public sealed class KegForecasts(TaproomDb db, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>Reads it of a keg; null where nobody can tell, or it is on no tap.</summary>
    public async Task<KegForecast?> ReadAsync(Keg keg, CancellationToken cancellationToken) =>
        (await ReadAsync(keg.Id, cancellationToken)).GetValueOrDefault(keg.Id);

    /// <summary>Reads it of every keg on a tap, in one query.</summary>
    /// <returns>By the keg's id; those of which nobody can tell are not there.</returns>
    public Task<IReadOnlyDictionary<Guid, KegForecast>> ReadAllAsync(CancellationToken cancellationToken) =>
        ReadAsync(kegId: null, cancellationToken);

    private async Task<IReadOnlyDictionary<Guid, KegForecast>> ReadAsync(Guid? kegId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var since = now - Window;
        var paces = await db
            .Database.SqlQuery<Pace>(
                $"""
                SELECT k.id AS "KegId", k.level_ml AS "LeftMl", put.tapped_at AS "TappedAt",
                    seen.pours AS "Pours", seen.poured_ml AS "PouredMl", seen.squares AS "Squares"
                FROM kegs AS k
                CROSS JOIN LATERAL (
                    SELECT max(t.tapped_at) AS tapped_at FROM tappings AS t WHERE t.keg_id = k.id AND t.untapped_at IS NULL
                ) AS put
                CROSS JOIN LATERAL (
                    SELECT count(*) AS pours, sum(p.volume_ml) AS poured_ml, sum(p.volume_ml * p.volume_ml) AS squares
                    FROM pours AS p
                    WHERE p.tap_id = k.tap_id AND p.poured_at > {since} AND p.poured_at <= {now} AND p.keg_id = k.id AND p.deleted_at IS NULL
                ) AS seen
                WHERE k.tap_id IS NOT NULL AND k.level_ml > 0 AND seen.pours > 0 AND ({kegId}::uuid IS NULL OR k.id = {kegId})
                """
            )
            .ToListAsync(cancellationToken);
        var forecasts = new Dictionary<Guid, KegForecast>();
        foreach (var pace in paces)
        {
            var watched = now - (pace.TappedAt > since ? pace.TappedAt.Value : since);
            if (KegForecast.Of(pace.LeftMl, pace.Pours, pace.PouredMl, pace.Squares, watched) is { } forecast)
            {
                forecasts[pace.KegId] = forecast;
            }
        }

        return forecasts;
    }

    private sealed record Pace(Guid KegId, decimal LeftMl, DateTimeOffset? TappedAt, long Pours, decimal PouredMl, decimal Squares);
}
