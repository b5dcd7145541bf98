using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Taproom.Store;

namespace Consumer.Worker;

/// <summary>Brings the database to the newest schema version, once per process.</summary>
/// <remarks>Workers may start together: the first to take an advisory lock of Postgres migrates, the others find nothing to do.</remarks>
internal sealed partial class SchemaUpgrade(IServiceScopeFactory scopes, ILogger<SchemaUpgrade> logger)
{
    // One trace for all statements of an upgrade.
    private static readonly ActivitySource Source = new("Consumer.Worker");

    /// <summary>Names the lock; any number that nothing else in the database uses.</summary>
    private const long LockKey = 0x7461_7072_6f6f_6d;

    // Rows that were restored into another server have numbers of transactions that are still to come there; they would be listed then.
    // A webhook goes on after the row that it was told last, or a little before it.
    private const string PutRestoredFirstSql = """
        UPDATE pours SET tx = '0' WHERE tx >= pg_snapshot_xmax(pg_current_snapshot());
        UPDATE messages SET tx = '0' WHERE tx >= pg_snapshot_xmax(pg_current_snapshot());
        UPDATE kegs SET tx = '0' WHERE tx >= pg_snapshot_xmax(pg_current_snapshot());
        UPDATE events SET tx = '0' WHERE tx >= pg_snapshot_xmax(pg_current_snapshot());
        UPDATE webhooks SET pour_tx = '0' WHERE pour_tx > pg_snapshot_xmax(pg_current_snapshot());
        UPDATE webhooks SET event_tx = '0' WHERE event_tx > pg_snapshot_xmax(pg_current_snapshot());
        """;

    private volatile bool _done;

    /// <summary>Applies the migrations that are missing; at once when that was done before.</summary>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (_done)
        {
            return;
        }

        using var activity = Source.StartActivity("upgrade schema");
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<TaproomDb>().Database;
        // The lock belongs to the connection, so that has to stay the same; Entity Framework's own lock comes too late, after it
        // has looked for what is missing.
        await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await database.ExecuteSqlAsync($"SELECT pg_advisory_lock({LockKey})", cancellationToken);
            // Else the first start of all logs an error: Entity Framework looks into the table of migrations before it makes it.
            await database.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
            await database.MigrateAsync(cancellationToken);
            await database.ExecuteSqlRawAsync(PutRestoredFirstSql, cancellationToken);
            await database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({LockKey})", cancellationToken);
        }
        finally
        {
            // After a failure the lock goes with the session's reset when the connection returns to its pool.
            await database.CloseConnectionAsync();
        }

        _done = true;
        LogUpToDate();
    }

    [LoggerMessage(LogLevel.Information, "The schema is up to date.")]
    private partial void LogUpToDate();
}
