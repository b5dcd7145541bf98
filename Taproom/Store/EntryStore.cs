using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Taproom.Store;

/// <summary>Runs statements that write many rows at once and return what they wrote, one after the other however many workers there are.</summary>
/// <remarks>
/// Rows get their sequence numbers before they can be seen. Were a batch seen before one with lower numbers, who pages through a list
/// by these numbers would miss those for good. Workers wait for each other in any case: for the rows that hold the totals.
/// </remarks>
public sealed class EntryStore(TaproomDb db)
{
    // Any number that nothing else in the database uses; held until the transaction ends.
    private const string TakeTurnSql = "SELECT pg_advisory_xact_lock(128017176097650)";

    /// <summary>Runs one statement: all of it takes effect, or nothing.</summary>
    /// <param name="sql">The statement; its first column is a UUID.</param>
    /// <param name="parameters">Values of its positional parameters.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>The ids that it returned.</returns>
    /// <exception cref="PostgresException">Postgres refused; see <see cref="IsRefusal"/>.</exception>
    /// <exception cref="NpgsqlException">Postgres cannot be reached.</exception>
    public async Task<HashSet<Guid>> ExecuteAsync(string sql, IReadOnlyList<object> parameters, CancellationToken cancellationToken) =>
        [.. await ExecuteAsync(sql, parameters, row => row.GetGuid(0), cancellationToken)];

    /// <summary>Runs one statement: all of it takes effect, or nothing.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">Values of its positional parameters.</param>
    /// <param name="read">Reads a row that it returned.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>What was read of each row.</returns>
    /// <exception cref="PostgresException">Postgres refused; see <see cref="IsRefusal"/>.</exception>
    /// <exception cref="NpgsqlException">Postgres cannot be reached.</exception>
    public async Task<IReadOnlyList<T>> ExecuteAsync<T>(
        string sql,
        IReadOnlyList<object> parameters,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken
    )
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            // One transaction, as nothing begins one by itself.
            await using var batch = new NpgsqlBatch((NpgsqlConnection)db.Database.GetDbConnection());
            batch.BatchCommands.Add(new NpgsqlBatchCommand(TakeTurnSql));
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddRange(parameters.Select(value => new NpgsqlParameter { Value = value }).ToArray());
            batch.BatchCommands.Add(command);

            var rows = new List<T>();
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(read(reader));
            }

            return rows;
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
