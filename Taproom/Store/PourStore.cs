using Microsoft.Extensions.Options;
using Npgsql;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>Writes pours to Postgres, each once however often it comes.</summary>
public sealed class PourStore(EntryStore entries, IOptions<KegOptions> kegs)
{
    // Pours in the order of the stream, which is the order in which they are listed. Totals sorted, so that two workers with the
    // same rows in a batch wait for each other instead of deadlocking.
    private const string StoreSql = """
        WITH stored AS (
            INSERT INTO pours (id, tap_id, volume_ml, glass, poured_at, received_at, trace_id, keg_id)
            SELECT p.id, p.tap_id, p.volume_ml, p.glass, p.poured_at, p.received_at, p.trace_id, k.id
            FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY
                AS p (id, tap_id, volume_ml, glass, poured_at, received_at, trace_id, n)
            LEFT JOIN kegs AS k ON k.tap_id = p.tap_id
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
            INSERT INTO glass_totals AS t (glass, pours, volume_ml)
            SELECT glass, count(*), sum(volume_ml) FROM stored GROUP BY glass ORDER BY glass
            ON CONFLICT (glass) DO UPDATE SET pours = t.pours + excluded.pours, volume_ml = t.volume_ml + excluded.volume_ml
        ), by_hour AS (
            INSERT INTO hour_totals AS t (hour, pours, volume_ml)
            SELECT date_trunc('hour', poured_at, 'UTC'), count(*), sum(volume_ml) FROM stored GROUP BY 1 ORDER BY 1
            ON CONFLICT (hour) DO UPDATE SET pours = t.pours + excluded.pours, volume_ml = t.volume_ml + excluded.volume_ml
        ), levels AS (
            UPDATE kegs AS k SET
                level_ml = k.level_ml - s.volume_ml,
                low_at = coalesce(k.low_at, CASE WHEN k.level_ml - s.volume_ml < k.size_ml * $8 THEN now() END)
            FROM (SELECT keg_id, sum(volume_ml) AS volume_ml FROM stored WHERE keg_id IS NOT NULL GROUP BY keg_id) AS s
            WHERE k.id = s.keg_id
        )
        SELECT id FROM stored
        """;

    private const string DeleteSql = """
        WITH deleted AS (
            UPDATE pours SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL
            RETURNING id, tap_id, volume_ml, glass, poured_at, keg_id
        ), by_tap AS (
            UPDATE taps AS t SET pours = t.pours - 1, volume_ml = t.volume_ml - d.volume_ml
            FROM deleted AS d WHERE t.id = d.tap_id
        ), by_glass AS (
            UPDATE glass_totals AS t SET pours = t.pours - 1, volume_ml = t.volume_ml - d.volume_ml
            FROM deleted AS d WHERE t.glass = d.glass
        ), by_hour AS (
            UPDATE hour_totals AS t SET pours = t.pours - 1, volume_ml = t.volume_ml - d.volume_ml
            FROM deleted AS d WHERE t.hour = date_trunc('hour', d.poured_at, 'UTC')
        ), levels AS (
            UPDATE kegs AS k SET level_ml = k.level_ml + d.volume_ml FROM deleted AS d WHERE k.id = d.keg_id
        )
        SELECT id FROM deleted
        """;

    /// <summary>Stores a batch and brings totals and keg levels up to date, all in one statement: all of it or nothing.</summary>
    /// <param name="pours">The batch; duplicates within it or of stored pours are left out.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>The ids that are new.</returns>
    /// <exception cref="PostgresException">Postgres refused; see <see cref="EntryStore.IsRefusal"/>.</exception>
    /// <exception cref="NpgsqlException">Postgres cannot be reached.</exception>
    public Task<HashSet<Guid>> StoreAsync(IReadOnlyCollection<Pour> pours, CancellationToken cancellationToken) =>
        entries.ExecuteAsync(
            StoreSql,
            [
                pours.Select(pour => pour.Id).ToArray(),
                pours.Select(pour => pour.TapId).ToArray(),
                pours.Select(pour => pour.VolumeMl).ToArray(),
                pours.Select(pour => (short)pour.Glass).ToArray(),
                pours.Select(pour => pour.PouredAt).ToArray(),
                pours.Select(pour => pour.ReceivedAt).ToArray(),
                pours.Select(pour => pour.TraceId).ToArray(),
                (decimal)kegs.Value.LowShare,
            ],
            cancellationToken
        );

    /// <summary>Deletes a pour for good and takes it out of the totals and back into its keg, all in one statement.</summary>
    /// <param name="id">The pour; if it is delivered again, it stays deleted.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>False when there is no such pour.</returns>
    /// <exception cref="NpgsqlException">Postgres cannot be reached, or refused.</exception>
    public async Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken) =>
        (await entries.ExecuteAsync(DeleteSql, [id], cancellationToken)).Count > 0;
}
