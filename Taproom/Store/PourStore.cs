using Microsoft.EntityFrameworkCore;
using Npgsql;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>Writes pours to Postgres, each once however often it comes.</summary>
public sealed class PourStore(TaproomDb db)
{
    // Pours in the order of the stream, which is the order in which they are listed. Taps sorted, so that two workers with the
    // same taps in a batch wait for each other instead of deadlocking.
    private const string StoreSql = """
        WITH stored AS (
            INSERT INTO pours (id, tap_id, volume_ml, glass, poured_at, received_at)
            SELECT id, tap_id, volume_ml, glass, poured_at, received_at
            FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS p (id, tap_id, volume_ml, glass, poured_at, received_at, n)
            ORDER BY n
            ON CONFLICT (id) DO NOTHING
            RETURNING id, tap_id, volume_ml, received_at
        ), totals AS (
            INSERT INTO taps AS t (id, pours, volume_ml, first_seen, last_seen)
            SELECT tap_id, count(*), sum(volume_ml), min(received_at), max(received_at) FROM stored GROUP BY tap_id ORDER BY tap_id
            ON CONFLICT (id) DO UPDATE SET
                pours = t.pours + excluded.pours,
                volume_ml = t.volume_ml + excluded.volume_ml,
                first_seen = least(t.first_seen, excluded.first_seen),
                last_seen = greatest(t.last_seen, excluded.last_seen)
        )
        SELECT id FROM stored
        """;

    private const string DeleteSql = """
        WITH deleted AS (
            UPDATE pours SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL
            RETURNING id, tap_id, volume_ml
        ), totals AS (
            UPDATE taps AS t SET pours = t.pours - 1, volume_ml = t.volume_ml - d.volume_ml FROM deleted AS d WHERE t.id = d.tap_id
        )
        SELECT id FROM deleted
        """;

    /// <summary>Stores a batch and brings the totals of its taps up to date, all in one statement: all of it or nothing.</summary>
    /// <param name="pours">The batch; duplicates within it or of stored pours are left out.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>The ids that are new.</returns>
    /// <exception cref="PostgresException">Postgres refused; see <see cref="IsRefusal"/>.</exception>
    /// <exception cref="NpgsqlException">Postgres cannot be reached.</exception>
    public Task<HashSet<Guid>> StoreAsync(IReadOnlyCollection<Pour> pours, CancellationToken cancellationToken) =>
        ExecuteAsync(
            StoreSql,
            [
                new NpgsqlParameter { Value = pours.Select(pour => pour.Id).ToArray() },
                new NpgsqlParameter { Value = pours.Select(pour => pour.TapId).ToArray() },
                new NpgsqlParameter { Value = pours.Select(pour => pour.VolumeMl).ToArray() },
                new NpgsqlParameter { Value = pours.Select(pour => (short)pour.Glass).ToArray() },
                new NpgsqlParameter { Value = pours.Select(pour => pour.PouredAt).ToArray() },
                new NpgsqlParameter { Value = pours.Select(pour => pour.ReceivedAt).ToArray() },
            ],
            cancellationToken);

    /// <summary>Deletes a pour for good and takes it out of the totals, all in one statement.</summary>
    /// <param name="id">The pour; if it is delivered again, it stays deleted.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>False when there is no such pour.</returns>
    /// <exception cref="NpgsqlException">Postgres cannot be reached, or refused.</exception>
    public async Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken) =>
        (await ExecuteAsync(DeleteSql, [new NpgsqlParameter { Value = id }], cancellationToken)).Count > 0;

    /// <summary>
    /// Whether Postgres refused the data itself, so that trying again cannot help: SQLSTATE class 22 (data exception) or 23
    /// (integrity constraint violation), PostgreSQL manual, appendix A.
    /// </summary>
    public static bool IsRefusal(PostgresException exception) =>
        exception.SqlState.StartsWith("22", StringComparison.Ordinal) || exception.SqlState.StartsWith("23", StringComparison.Ordinal);

    private async Task<HashSet<Guid>> ExecuteAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(sql, (NpgsqlConnection)db.Database.GetDbConnection());
            command.Parameters.AddRange(parameters);
            var ids = new HashSet<Guid>();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                ids.Add(reader.GetGuid(0));
            }

            return ids;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }
}
