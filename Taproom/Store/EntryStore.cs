using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Taproom.Store;

/// <summary>Runs statements that write many rows at once and return what they wrote.</summary>
public sealed class EntryStore(TaproomDb db)
{
    /// <summary>Runs statements in one transaction: all of it takes effect, or nothing.</summary>
    /// <param name="sql">The statement that writes; it returns UUIDs.</param>
    /// <param name="parameters">Values of its positional parameters.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <param name="locks">Statements that come before it; it sees what was committed until they had their locks.</param>
    /// <returns>The UUIDs.</returns>
    /// <exception cref="PostgresException">Postgres refused; see <see cref="IsRefusal"/>.</exception>
    /// <exception cref="NpgsqlException">Postgres cannot be reached.</exception>
    public async Task<HashSet<Guid>> ExecuteAsync(
        string sql,
        IReadOnlyList<object> parameters,
        CancellationToken cancellationToken,
        params IEnumerable<(string Sql, IReadOnlyList<object> Parameters)> locks
    )
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            // No statement begins a transaction, so the batch is one.
            await using var batch = new NpgsqlBatch((NpgsqlConnection)db.Database.GetDbConnection());
            foreach (var (text, values) in (IEnumerable<(string, IReadOnlyList<object>)>)[.. locks, (sql, parameters)])
            {
                var command = new NpgsqlBatchCommand(text);
                command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
                batch.BatchCommands.Add(command);
            }

            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            for (var n = 1; n < batch.BatchCommands.Count; n++)
            {
                await reader.NextResultAsync(cancellationToken);
            }

            var ids = new HashSet<Guid>();
            while (await reader.ReadAsync(cancellationToken))
            {
                ids.Add(reader.GetGuid(0));
            }

            return ids;
        }
        catch (Exception ex)
        {
            UnusableConnections.GiveUp(db.Database.GetDbConnection(), ex);
            throw;
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
