using Microsoft.EntityFrameworkCore;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>Tells what became of a keg.</summary>
public sealed class KegYields(TaproomDb db, Unaccounted unaccounted)
{
    /// <summary>Reads it.</summary>
    public async Task<KegYield> ReadAsync(Keg keg, CancellationToken cancellationToken)
    {
        // By the times on the taps, which have an index; a pour may be a second older, see PourStore.
        var sums = await db
            .Database.SqlQuery<PurposeSum>(
                $"""
                SELECT p.purpose AS "Purpose", count(*) AS "Pours", sum(p.volume_ml) AS "VolumeMl"
                FROM (
                    SELECT tap_id, min(tapped_at) - interval '1 second' AS first, max(coalesce(untapped_at, 'infinity')) AS last
                    FROM tappings WHERE keg_id = {keg.Id} GROUP BY tap_id
                ) AS t
                JOIN pours AS p ON p.tap_id = t.tap_id AND p.poured_at >= t.first AND p.poured_at <= t.last
                WHERE p.keg_id = {keg.Id} AND p.deleted_at IS NULL
                GROUP BY p.purpose
                """
            )
            .ToListAsync(cancellationToken);
        var byPurpose = sums.ToDictionary(sum => (Purpose)sum.Purpose, sum => sum.VolumeMl);
        return new KegYield(
            sums.Sum(sum => sum.Pours),
            byPurpose.GetValueOrDefault(Purpose.Sale),
            byPurpose.GetValueOrDefault(Purpose.Taster),
            byPurpose.GetValueOrDefault(Purpose.Foam),
            byPurpose.GetValueOrDefault(Purpose.Spill),
            byPurpose.GetValueOrDefault(Purpose.Cleaning),
            keg.CorrectionMl,
            keg.LevelMl,
            await UnaccountedAsync(keg.Id, cancellationToken)
        );
    }

    // What flowed through the meters while the keg was on their taps.
    private async Task<decimal?> UnaccountedAsync(Guid kegId, CancellationToken cancellationToken)
    {
        var sum = 0m;
        foreach (var tapping in await db.Tappings.Where(row => row.KegId == kegId).OrderBy(row => row.TappedAt).ToListAsync(cancellationToken))
        {
            var to = tapping.UntappedAt ?? DateTimeOffset.MaxValue;
            if (
                await unaccounted.ReadAsync(tapping.TapId, tapping.TappedAt, to, cancellationToken) is not var (hours, _)
                || hours.Any(hour => hour.VolumeMl is null)
            )
            {
                return null;
            }

            sum += hours.Sum(hour => hour.VolumeMl!.Value);
        }

        return sum;
    }

    private sealed record PurposeSum(short Purpose, long Pours, decimal VolumeMl);
}

/// <summary>What became of a keg, in mL. Its size and the corrections are all of it but what is unaccounted, which no pour tells of.</summary>
/// <param name="Pours">Number of pours.</param>
/// <param name="SoldMl">Poured to be sold.</param>
/// <param name="TastersMl">Given to taste.</param>
/// <param name="FoamMl">Poured away as foam.</param>
/// <param name="SpiltMl">Spilt.</param>
/// <param name="CleaningMl">Used to clean.</param>
/// <param name="CorrectionsMl">What its readings added to the level; below zero where beer was missing.</param>
/// <param name="LeftMl">Left.</param>
/// <param name="UnaccountedMl">
/// What flowed through the meter while the keg was on the tap and is in no pour; null where the tap is not calibrated or poured too often to tell.
/// </param>
public sealed record KegYield(
    long Pours,
    decimal SoldMl,
    decimal TastersMl,
    decimal FoamMl,
    decimal SpiltMl,
    decimal CleaningMl,
    decimal CorrectionsMl,
    decimal LeftMl,
    decimal? UnaccountedMl
);
