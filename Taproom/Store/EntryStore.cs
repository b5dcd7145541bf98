using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Taproom.Store;

/// <summary>Runs statements that write many rows at once and return what they wrote.</summary>
public sealed class EntryStore(TaproomDb db)
{
    /// <summary>Runs one statement: all of it takes effect, or nothing.</summary>
    /// <param name="sql">The statement; its first column is a UUID.</param>
    /// <param name="parameters">Its positional parameters.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>The ids that it returned.</returns>
    /// <exception cref="PostgresException">Postgres refused; see <see cref="IsRefusal"/>.</exception>
    /// <exception cref="NpgsqlException">Postgres cannot be reached.</exception>
    public async Task<HashSet<Guid>> ExecuteAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken) =>
        [.. await ExecuteAsync(sql, parameters, row => row.GetGuid(0), cancellationToken)];

    /// <summary>Runs one statement: all of it takes effect, or nothing.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">Its positional parameters.</param>
    /// <param name="read">Reads a row that it returned.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>What was read of each row.</returns>
    /// <exception cref="PostgresException">Postgres refused; see <see cref="IsRefusal"/>.</exception>
    /// <exception cref="NpgsqlException">Postgres cannot be reached.</exception>
    public async Task<IReadOnlyList<T>> ExecuteAsync<T>(
        string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(sql, (NpgsqlConnection)db.Database.GetDbConnection());
            command.Parameters.AddRange(parameters);
            var rows = new List<T>();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
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
