using Microsoft.EntityFrameworkCore;
using Npgsql;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>Writes pours to Postgres, each once however often it comes.</summary>
public sealed class PourStore(TaproomDb db, EntryStore entries)
{
    // Locks are taken in the order taps, kegs, totals, each kind by its key, here and by whoever changes two of them (see Tappings).
    private const string LockTapsSql = "SELECT id FROM taps WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE";

    private const string LockKegsSql = """
        SELECT id FROM kegs WHERE id IN (
            SELECT t.keg_id FROM unnest($1, $2) AS p (tap_id, poured_at)
            JOIN tappings AS t ON t.tap_id = p.tap_id AND t.tapped_at < p.poured_at + interval '1 second'
                AND (t.untapped_at IS NULL OR t.untapped_at > p.poured_at)
        )
        ORDER BY id FOR NO KEY UPDATE
        """;

    /// <summary>SQL for the keg that was on the tap of a pour <c>p</c> when it was poured.</summary>
    /// <remarks>Many clocks have whole seconds, so a pour when no keg was on its tap counts for one that was put on within a second.</remarks>
    internal const string KegOfPour = """
        coalesce(
            (
                SELECT t.keg_id FROM tappings AS t
                WHERE t.tap_id = p.tap_id AND t.tapped_at <= p.poured_at AND (t.untapped_at IS NULL OR t.untapped_at > p.poured_at)
                ORDER BY t.tapped_at DESC LIMIT 1
            ),
            (
                SELECT t.keg_id FROM tappings AS t
                WHERE t.tap_id = p.tap_id AND t.tapped_at > p.poured_at AND t.tapped_at < p.poured_at + interval '1 second'
                ORDER BY t.tapped_at LIMIT 1
            )
        )
        """;

    // Pours are inserted in the order of the stream, which is the order of lists. A sale in a time of cleaning is none; the rule of that time
    // has the same number.
    private const string StoreSql = $"""
        WITH stored AS (
            INSERT INTO pours (id, tap_id, volume_ml, glass, poured_at, received_at, trace_id, clock_suspect, pulses, odometer, volume_derived, purpose, purpose_rule, keg_id)
            SELECT p.id, p.tap_id, p.volume_ml, p.glass, p.poured_at, p.received_at, p.trace_id, p.clock_suspect,
                p.pulses, p.odometer, p.volume_derived, coalesce(c.purpose, p.purpose), c.purpose, {KegOfPour}
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) WITH ORDINALITY
                AS p (id, tap_id, volume_ml, glass, poured_at, received_at, trace_id, clock_suspect, pulses, odometer, volume_derived, purpose, n)
            LEFT JOIN LATERAL (
                SELECT 1::smallint AS purpose FROM cleanings AS w
                WHERE p.purpose = 0 AND w.tap_id = p.tap_id AND w.began_at <= p.poured_at AND (w.ends_at IS NULL OR w.ends_at > p.poured_at)
                LIMIT 1
            ) AS c ON true
            ORDER BY p.n
            ON CONFLICT (id) DO NOTHING
            RETURNING id, tap_id, volume_ml, glass, poured_at, received_at, keg_id
        ), by_tap AS (
            INSERT INTO taps AS t (id, pours, volume_ml, first_seen, last_seen)
            SELECT tap_id, count(*), sum(volume_ml), min(received_at), max(received_at) FROM stored GROUP BY tap_id ORDER BY tap_id
            ON CONFLICT (id) DO UPDATE SET
                pours = t.pours + excluded.pours,
                volume_ml = t.volume_ml + excluded.volume_ml,
                first_seen = least(t.first_seen, excluded.first_seen),
                last_seen = greatest(t.last_seen, excluded.last_seen)
        ), by_glass AS (
            INSERT INTO glass_totals AS t (tap_id, glass, pours, volume_ml)
            SELECT tap_id, glass, count(*), sum(volume_ml) FROM stored GROUP BY tap_id, glass ORDER BY tap_id, glass
            ON CONFLICT (tap_id, glass) DO UPDATE SET pours = t.pours + excluded.pours, volume_ml = t.volume_ml + excluded.volume_ml
        ), by_hour AS (
            INSERT INTO hour_totals AS t (hour, tap_id, pours, volume_ml)
            SELECT date_trunc('hour', poured_at, 'UTC'), tap_id, count(*), sum(volume_ml) FROM stored GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT (hour, tap_id) DO UPDATE SET pours = t.pours + excluded.pours, volume_ml = t.volume_ml + excluded.volume_ml
        ), levels AS (
            UPDATE kegs AS k SET level_ml = k.level_ml - s.volume_ml
            FROM (SELECT keg_id, sum(volume_ml) AS volume_ml FROM stored WHERE keg_id IS NOT NULL GROUP BY keg_id) AS s
            WHERE k.id = s.keg_id
        )
        SELECT id FROM stored
        """;

    private const string LockTapOfSql = "SELECT id FROM taps WHERE id = (SELECT tap_id FROM pours WHERE id = $1) FOR NO KEY UPDATE";

    private const string LockKegOfSql = "SELECT id FROM kegs WHERE id = (SELECT keg_id FROM pours WHERE id = $1) FOR NO KEY UPDATE";

    private const string DeleteSql = """
        WITH deleted AS (
            UPDATE pours SET deleted_at = now(), delete_reason = $2 WHERE id = $1 AND deleted_at IS NULL
            RETURNING id, tap_id, volume_ml, glass, poured_at, keg_id
        ), by_tap AS (
            UPDATE taps AS t SET pours = t.pours - 1, volume_ml = t.volume_ml - d.volume_ml
            FROM deleted AS d WHERE t.id = d.tap_id
        ), by_glass AS (
            UPDATE glass_totals AS t SET pours = t.pours - 1, volume_ml = t.volume_ml - d.volume_ml
            FROM deleted AS d WHERE t.tap_id = d.tap_id AND t.glass = d.glass
        ), by_hour AS (
            UPDATE hour_totals AS t SET pours = t.pours - 1, volume_ml = t.volume_ml - d.volume_ml
            FROM deleted AS d WHERE t.hour = date_trunc('hour', d.poured_at, 'UTC') AND t.tap_id = d.tap_id
        ), levels AS (
            UPDATE kegs AS k SET level_ml = k.level_ml + d.volume_ml FROM deleted AS d WHERE k.id = d.keg_id
        )
        SELECT id FROM deleted
        """;

    /// <summary>Stores a batch and brings totals and keg levels up to date, all in one statement: all of it or nothing.</summary>
    /// <param name="pours">The batch, each with its volume; duplicates within it or of stored pours are left out.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>The ids that are new.</returns>
    /// <exception cref="PostgresException">Postgres refused; see <see cref="EntryStore.IsRefusal"/>.</exception>
    /// <exception cref="NpgsqlException">Postgres cannot be reached.</exception>
    public Task<HashSet<Guid>> StoreAsync(IReadOnlyCollection<Pour> pours, CancellationToken cancellationToken)
    {
        int[] taps = [.. pours.Select(pour => pour.TapId)];
        DateTimeOffset[] times = [.. pours.Select(pour => pour.PouredAt)];
        return entries.ExecuteAsync(
            StoreSql,
            [
                pours.Select(pour => pour.Id).ToArray(),
                taps,
                pours.Select(pour => pour.VolumeMl!.Value).ToArray(),
                pours.Select(pour => (short)pour.Glass!.Value).ToArray(),
                times,
                pours.Select(pour => pour.ReceivedAt).ToArray(),
                pours.Select(pour => pour.TraceId).ToArray(),
                pours.Select(pour => pour.ClockSuspect).ToArray(),
                pours.Select(pour => pour.Pulses).ToArray(),
                pours.Select(pour => pour.Odometer).ToArray(),
                pours.Select(pour => pour.VolumeDerived).ToArray(),
                pours.Select(pour => (short)pour.Purpose).ToArray(),
            ],
            cancellationToken,
            (LockTapsSql, [taps]),
            (LockKegsSql, [taps, times])
        );
    }

    /// <summary>The taps that reported stored pours, deleted ones too, by the id of the pour.</summary>
    public Task<Dictionary<Guid, int>> TapsOfAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        db
            .Pours.IgnoreQueryFilters()
            .Where(pour => ids.Contains(pour.Id))
            .ToDictionaryAsync(pour => pour.Id, pour => pour.ReportedTapId ?? pour.TapId, cancellationToken);

    /// <summary>Says what a pour was for. Totals and levels stay: it left the keg whatever it was for.</summary>
    /// <returns>False when there is no such pour.</returns>
    /// <exception cref="NpgsqlException">Postgres cannot be reached, or refused.</exception>
    public async Task<bool> SetPurposeAsync(Guid id, Purpose purpose, string? reason, CancellationToken cancellationToken) =>
        await db
            .Pours.Where(pour => pour.Id == id)
            .ExecuteUpdateAsync(
                row =>
                    row.SetProperty(pour => pour.Purpose, purpose)
                        .SetProperty(pour => pour.PurposeReason, reason)
                        .SetProperty(pour => pour.ProposedPurpose, (Purpose?)null)
                        .SetProperty(pour => pour.PurposeRule, PurposeRule.Person),
                cancellationToken
            ) > 0;

    /// <summary>Deletes a pour for good and takes it out of the totals and back into its keg, all in one statement.</summary>
    /// <param name="id">The pour; if it is delivered again, it stays deleted.</param>
    /// <param name="reason">Why; null where nobody says.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>False when there is no such pour.</returns>
    /// <exception cref="NpgsqlException">Postgres cannot be reached, or refused.</exception>
    public async Task<bool> DeleteAsync(Guid id, string? reason, CancellationToken cancellationToken) =>
        (
            await entries.ExecuteAsync(DeleteSql, [id, reason ?? (object)DBNull.Value], cancellationToken, (LockTapOfSql, [id]), (LockKegOfSql, [id]))
        ).Count > 0;
}
