using Microsoft.EntityFrameworkCore;
using Npgsql;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>Sets the calibration of a tap, and derives the volumes that rest on it again.</summary>
public sealed class Recalibration(TaproomDb db, EntryStore entries)
{
    // However many pours there are: no other command waits for as long.
    private static readonly TimeSpan LongestUpdate = TimeSpan.FromMinutes(2);

    private const string LockKegsSql = """
        SELECT id FROM kegs WHERE id IN (
            SELECT keg_id FROM pours
            WHERE tap_id = $1 AND poured_at >= $2 AND poured_at < $3 AND volume_derived AND deleted_at IS NULL
        )
        ORDER BY id FOR NO KEY UPDATE
        """;

    // What a pour is, and what it becomes; the totals follow by the difference.
    private const string DeriveSql = """
        WITH changed AS (
            SELECT p.id, p.poured_at, p.keg_id, p.glass AS old_glass, p.volume_ml AS old_ml, v.glass, v.volume_ml
            FROM pours AS p JOIN unnest($4, $5, $6) AS v (pulses, volume_ml, glass) ON v.pulses = p.pulses
            WHERE p.tap_id = $1 AND p.poured_at >= $2 AND p.poured_at < $3 AND p.volume_derived AND p.deleted_at IS NULL
                AND p.volume_ml <> v.volume_ml
        ), updated AS (
            UPDATE pours AS p SET volume_ml = c.volume_ml, glass = c.glass FROM changed AS c WHERE p.id = c.id
        ), by_tap AS (
            UPDATE taps SET volume_ml = volume_ml + (SELECT coalesce(sum(volume_ml - old_ml), 0) FROM changed) WHERE id = $1
        ), by_glass AS (
            INSERT INTO glass_totals AS t (tap_id, glass, pours, volume_ml)
            SELECT $1, glass, sum(pours), sum(volume_ml) FROM (
                SELECT glass, 1 AS pours, volume_ml FROM changed UNION ALL SELECT old_glass, -1, -old_ml FROM changed
            ) AS moved
            GROUP BY glass ORDER BY glass
            ON CONFLICT (tap_id, glass) DO UPDATE SET pours = t.pours + excluded.pours, volume_ml = t.volume_ml + excluded.volume_ml
        ), by_hour AS (
            UPDATE hour_totals AS t SET volume_ml = t.volume_ml + h.difference_ml
            FROM (SELECT date_trunc('hour', poured_at, 'UTC') AS hour, sum(volume_ml - old_ml) AS difference_ml FROM changed GROUP BY 1) AS h
            WHERE t.tap_id = $1 AND t.hour = h.hour
        ), levels AS (
            UPDATE kegs AS k SET level_ml = k.level_ml - c.difference_ml
            FROM (SELECT keg_id, sum(volume_ml - old_ml) AS difference_ml FROM changed WHERE keg_id IS NOT NULL GROUP BY keg_id) AS c
            WHERE k.id = c.keg_id
        )
        SELECT count(*), coalesce(sum(volume_ml - old_ml), 0) FROM changed
        """;

    /// <summary>Sets it from a time on, and derives the volumes of the pours until the next one again: all in one transaction.</summary>
    /// <remarks>
    /// Locks are taken as <see cref="PourStore"/> takes them: the tap, kegs by id, totals. Pours of this tap wait meanwhile. A pour that came
    /// with a volume keeps that, and so does one whose new volume would fill no glass.
    /// </remarks>
    /// <param name="tapId">The tap.</param>
    /// <param name="pulsesPerLitre">As <see cref="PulsesPerLitre"/> has it.</param>
    /// <param name="validFrom">From when on; null for now.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>What became of it; null when there is no such tap.</returns>
    /// <exception cref="NpgsqlException">Postgres cannot be reached, or refused.</exception>
    public async Task<Recalibrated?> SetAsync(int tapId, decimal pulsesPerLitre, DateTimeOffset? validFrom, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // The time after the lock, so that a pour that was stored meanwhile is not older than "now".
        if (await db.LockTapAsync(tapId, cancellationToken) is not { } now)
        {
            return null;
        }

        var calibration = (
            await db
                .Calibrations.FromSql(
                    $"""
                    INSERT INTO calibrations (tap_id, valid_from, pulses_per_litre)
                    VALUES ({tapId}, {validFrom ?? now}, {PulsesPerLitre.Round(pulsesPerLitre)})
                    RETURNING *
                    """
                )
                .ToListAsync(cancellationToken)
        ).Single();
        var (from, to) = await RangeAsync(calibration, cancellationToken);
        var counts = await db
            .Pours.Where(pour => pour.TapId == tapId && pour.VolumeDerived && pour.PouredAt >= from && pour.PouredAt < to)
            .GroupBy(pour => pour.Pulses!.Value)
            .Select(pours => new { Pulses = pours.Key, Pours = pours.LongCount() })
            .ToListAsync(cancellationToken);
        var volumes = counts.ConvertAll(item => (item.Pulses, item.Pours, VolumeMl: Volumes.OfPulses(item.Pulses, calibration.PulsesPerLitre)));
        var good = volumes.FindAll(item => item.VolumeMl is not null);
        var (changed, differenceMl) = await entries.ExecuteAsync(
            DeriveSql,
            [
                tapId,
                from,
                to,
                good.Select(item => item.Pulses).ToArray(),
                good.Select(item => item.VolumeMl!.Value).ToArray(),
                good.Select(item => (short)GlassTypes.ForVolume(item.VolumeMl!.Value)!).ToArray(),
            ],
            async reader =>
            {
                await reader.ReadAsync(cancellationToken);
                return (reader.GetInt64(0), reader.GetDecimal(1));
            },
            LongestUpdate,
            cancellationToken,
            (LockKegsSql, [tapId, from, to])
        );
        await transaction.CommitAsync(cancellationToken);
        return new Recalibrated(calibration, changed, differenceMl, volumes.Sum(item => item.VolumeMl is null ? item.Pours : 0));
    }

    // The first of a tap holds for what was poured before it too.
    private async Task<(DateTimeOffset From, DateTimeOffset To)> RangeAsync(Calibration calibration, CancellationToken cancellationToken)
    {
        var others = db.Calibrations.Where(other => other.TapId == calibration.TapId && other.Id != calibration.Id);
        var isFirst = !await others.AnyAsync(other => other.ValidFrom < calibration.ValidFrom, cancellationToken);
        var next = await others
            .Where(other => other.ValidFrom > calibration.ValidFrom)
            .MinAsync(other => (DateTimeOffset?)other.ValidFrom, cancellationToken);
        return (isFirst ? DateTimeOffset.MinValue : calibration.ValidFrom, next ?? DateTimeOffset.MaxValue);
    }
}

/// <summary>What became of a calibration that was set.</summary>
/// <param name="Calibration">It as it is stored.</param>
/// <param name="Changed">Pours whose volume it changed.</param>
/// <param name="DifferenceMl">By how many mL in all; below zero when it is less now.</param>
/// <param name="Kept">Pours that keep their volume, because the new one would fill no glass.</param>
public sealed record Recalibrated(Calibration Calibration, long Changed, decimal DifferenceMl, long Kept);
