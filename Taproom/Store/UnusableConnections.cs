using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Taproom.Store;

/// <summary>Gives up connections to Postgres on which every further command would fail.</summary>
/// <remarks>
/// The client prepares statements by itself. When a command is cut off it can lose count of those that a connection has, and from then on
/// the connection answers that a statement is there already, or is not there (npgsql issues 4082 and 2731). A connection to a server that
/// became a replica stays read-only for as long as it lives.
/// </remarks>
public sealed class UnusableConnections : DbCommandInterceptor
{
    /// <inheritdoc />
    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => GiveUp(command.Connection, eventData.Exception);

    /// <inheritdoc />
    public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        GiveUp(command.Connection, eventData.Exception);
        return Task.CompletedTask;
    }

    /// <summary>Gives a connection up, and those of its pool, where that is the cause of a failure.</summary>
    public static void GiveUp(DbConnection? connection, Exception cause)
    {
        if (IsCause(cause) && connection is NpgsqlConnection postgres)
        {
            NpgsqlConnection.ClearPool(postgres);
        }
    }

    /// <summary>Whether a command failed for its connection: another one would take it.</summary>
    public static bool IsCause(Exception exception) =>
        exception
            is PostgresException
                {
                    SqlState: PostgresErrorCodes.DuplicatePreparedStatement
                        or PostgresErrorCodes.InvalidSqlStatementName
                        or PostgresErrorCodes.ReadOnlySqlTransaction
                }
                // The moment in which it loses count.
                or NullReferenceException { Source: "Npgsql" };
}
