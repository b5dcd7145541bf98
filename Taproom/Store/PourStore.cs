using Microsoft.EntityFrameworkCore;
using Npgsql;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>Writes pours to Postgres, each once however often it comes.</summary>
public sealed class PourStore(TaproomDb db)
{
    // Pours in the order of the stream, which is the order in which they are listed. Taps sorted, so that two workers with the
    // same taps in a batch wait for each other instead of deadlocking.
    private const string Sql = """
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

    /// <summary>Stores a batch and brings the totals of its taps up to date, all in one statement: all of it or nothing.</summary>
    /// <param name="pours">The batch; duplicates within it or of stored pours are left out.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>The ids that are new.</returns>
    /// <exception cref="PostgresException">Postgres refused; see <see cref="IsRefusal"/>.</exception>
    /// <exception cref="NpgsqlException">Postgres cannot be reached.</exception>
    public async Task<HashSet<Guid>> StoreAsync(IReadOnlyCollection<Pour> pours, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(Sql, (NpgsqlConnection)db.Database.GetDbConnection());
            command.Parameters.Add(new() { Value = pours.Select(pour => pour.Id).ToArray() });
            command.Parameters.Add(new() { Value = pours.Select(pour => pour.TapId).ToArray() });
            command.Parameters.Add(new() { Value = pours.Select(pour => pour.VolumeMl).ToArray() });
            command.Parameters.Add(new() { Value = pours.Select(pour => (short)pour.Glass).ToArray() });
            command.Parameters.Add(new() { Value = pours.Select(pour => pour.PouredAt).ToArray() });
            command.Parameters.Add(new() { Value = pours.Select(pour => pour.ReceivedAt).ToArray() });

            var stored = new HashSet<Guid>();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                stored.Add(reader.GetGuid(0));
            }

            return stored;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>
    /// Whether Postgres refused the data itself, so that trying again cannot help: SQLSTATE class 22 (data exception) or 23
    /// (integrity constraint violation), PostgreSQL manual, appendix A.
    /// </summary>
    public static bool IsRefusal(PostgresException exception) =>
        exception.SqlState.StartsWith("22", StringComparison.Ordinal) || exception.SqlState.StartsWith("23", StringComparison.Ordinal);
}
