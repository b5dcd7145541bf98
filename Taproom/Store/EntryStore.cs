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
    public Task<HashSet<Guid>> ExecuteAsync(
        string sql,
        IReadOnlyList<object> parameters,
        CancellationToken cancellationToken,
        params IEnumerable<(string Sql, IReadOnlyList<object> Parameters)> locks
    ) =>
        ExecuteAsync(
            sql,
            parameters,
            async reader =>
            {
                var ids = new HashSet<Guid>();
                while (await reader.ReadAsync(cancellationToken))
                {
                    ids.Add(reader.GetGuid(0));
                }

                return ids;
            },
            timeout: null,
            cancellationToken,
            locks
        );

    /// <summary>Runs statements in one transaction, that of the caller where there is one.</summary>
    /// <param name="sql">The statement that writes.</param>
    /// <param name="parameters">Values of its positional parameters.</param>
    /// <param name="read">Reads what it returns.</param>
    /// <param name="timeout">How long it may take; null for as long as any command.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <param name="locks">Statements that come before it; it sees what was committed until they had their locks.</param>
    /// <exception cref="NpgsqlException">Postgres refused, or cannot be reached.</exception>
    internal async Task<T> ExecuteAsync<T>(
        string sql,
        IReadOnlyList<object> parameters,
        Func<NpgsqlDataReader, Task<T>> read,
        TimeSpan? timeout,
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

            if (timeout is { } longest)
            {
                batch.Timeout = (int)longest.TotalSeconds;
            }

            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            for (var n = 1; n < batch.BatchCommands.Count; n++)
            {
                await reader.NextResultAsync(cancellationToken);
            }

            return await read(reader);
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
