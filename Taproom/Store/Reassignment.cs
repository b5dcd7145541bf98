using Npgsql;

namespace Taproom.Store;

/// <summary>Gives a pour to another tap: what somebody does who knows better than the device, for example of two swapped lines.</summary>
public sealed class Reassignment(EntryStore entries)
{
    private const string LockTapsSql = "SELECT id FROM taps WHERE id IN ($1, $2) ORDER BY id FOR NO KEY UPDATE";

    private const string LockKegsSql = $"""
        SELECT id FROM kegs WHERE id IN (
            SELECT unnest(ARRAY[o.keg_id, n.keg_id]) FROM (SELECT keg_id, $2 AS tap_id, poured_at FROM pours WHERE id = $1) AS o,
            LATERAL (SELECT {PourStore.KegOfPour} AS keg_id FROM (SELECT o.tap_id, o.poured_at) AS p) AS n
        )
        ORDER BY id FOR NO KEY UPDATE
        """;

    // Every total loses it at the one tap and has it at the other; the levels of kegs follow what was on them when it was poured.
    private const string MoveSql = $"""
        WITH p AS (
            SELECT id, $2 AS tap_id, keg_id AS old_keg_id, volume_ml, glass, poured_at FROM pours WHERE id = $1 AND tap_id = $3 AND deleted_at IS NULL
        ), moved AS (
            SELECT p.*, {PourStore.KegOfPour} AS keg_id FROM p
        ), updated AS (
            UPDATE pours AS o
            SET tap_id = m.tap_id, keg_id = m.keg_id, reported_tap_id = nullif(coalesce(o.reported_tap_id, o.tap_id), m.tap_id), move_reason = $4,
                volume_derived = false
            FROM moved AS m WHERE o.id = m.id
        ), sides AS (
            SELECT s.tap_id, s.pours, s.pours * m.volume_ml AS volume_ml, m.glass, date_trunc('hour', m.poured_at, 'UTC') AS hour
            FROM moved AS m, LATERAL (VALUES ($3, -1), ($2, 1)) AS s (tap_id, pours)
        ), by_tap AS (
            UPDATE taps AS t SET pours = t.pours + s.pours, volume_ml = t.volume_ml + s.volume_ml FROM sides AS s WHERE t.id = s.tap_id
        ), by_glass AS (
            INSERT INTO glass_totals AS t (tap_id, glass, pours, volume_ml)
            SELECT tap_id, glass, pours, volume_ml FROM sides ORDER BY tap_id
            ON CONFLICT (tap_id, glass) DO UPDATE SET pours = t.pours + excluded.pours, volume_ml = t.volume_ml + excluded.volume_ml
        ), by_hour AS (
            INSERT INTO hour_totals AS t (hour, tap_id, pours, volume_ml)
            SELECT hour, tap_id, pours, volume_ml FROM sides ORDER BY tap_id
            ON CONFLICT (hour, tap_id) DO UPDATE SET pours = t.pours + excluded.pours, volume_ml = t.volume_ml + excluded.volume_ml
        ), levels AS (
            UPDATE kegs AS k SET level_ml = k.level_ml + d.volume_ml
            FROM (
                SELECT s.keg_id, sum(s.volume_ml) AS volume_ml
                FROM moved AS m, LATERAL (VALUES (m.old_keg_id, m.volume_ml), (m.keg_id, -m.volume_ml)) AS s (keg_id, volume_ml)
                GROUP BY s.keg_id
            ) AS d
            WHERE k.id = d.keg_id
        )
        SELECT id FROM moved
        """;

    /// <summary>Moves a pour with its totals, hours and keg levels, all in one transaction.</summary>
    /// <remarks>
    /// Locks are taken as <see cref="PourStore"/> takes them: taps, kegs by id, totals. The pour keeps the volume that it has: no calibration of
    /// either tap changes it later. Reported again by its own tap, it is still the same pour.
    /// </remarks>
    /// <param name="id">The pour.</param>
    /// <param name="fromTapId">The tap that it is of now.</param>
    /// <param name="toTapId">The tap that it belongs to, another one that is known.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>False when there is no such pour of that tap any more.</returns>
    /// <exception cref="NpgsqlException">Postgres cannot be reached, or refused.</exception>
    public async Task<bool> MoveAsync(Guid id, int fromTapId, int toTapId, string reason, CancellationToken cancellationToken) =>
        (
            await entries.ExecuteAsync(
                MoveSql,
                [id, toTapId, fromTapId, reason],
                cancellationToken,
                (LockTapsSql, [toTapId, fromTapId]),
                (LockKegsSql, [id, toTapId])
            )
        ).Count > 0;
}
