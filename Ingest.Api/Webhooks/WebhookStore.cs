using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using Taproom.Store;

namespace Ingest.Api.Webhooks;

/// <summary>Keeps who sends for a hook, how far it has been told, and what became of each attempt.</summary>
/// <remarks>
/// Each method is one short statement. A transaction that stayed open while a receiver is waited for would hold up every list of the API,
/// see <see cref="IInsertedRow"/>.
/// </remarks>
internal sealed class WebhookStore(TaproomDb db, IOptions<WebhookOptions> options)
{
    /// <summary>The hook; null when there is none.</summary>
    public async Task<Webhook?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        return await db.Webhooks.SingleOrDefaultAsync(hook => hook.Id == id, cancellationToken);
    }

    /// <summary>Takes an active hook for a while, or for longer where it is taken by the same holder.</summary>
    /// <returns>The hook as it is now; null while somebody else has it, or when there is nothing to send for.</returns>
    public async Task<Webhook?> LeaseAsync(Guid id, Guid holder, CancellationToken cancellationToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        // By the clock of Postgres, which all replicas share.
        var leased = await db
            .Webhooks.FromSql(
                $"""
                UPDATE webhooks SET leased_by = {holder}, leased_until = clock_timestamp() + {options.Value.Lease}
                WHERE id = {id} AND active AND (leased_by = {holder} OR leased_until IS NULL OR leased_until < clock_timestamp())
                RETURNING *
                """
            )
            .ToListAsync(cancellationToken);
        return leased.SingleOrDefault();
    }

    /// <summary>Lets go of a hook.</summary>
    public async Task ReleaseAsync(Guid id, Guid holder, CancellationToken cancellationToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        await db
            .Webhooks.Where(hook => hook.Id == id && hook.LeasedBy == holder)
            .ExecuteUpdateAsync(hook => hook.SetProperty(h => h.LeasedUntil, (DateTimeOffset?)null), cancellationToken);
    }

    /// <summary>Notes that a hook has been told a row and all before it.</summary>
    /// <returns>Whether it may be told the next one: it is still the holder's, and nobody has changed it.</returns>
    public async Task<bool> MoveAsync(Webhook hook, DueRow row, CancellationToken cancellationToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        var goesOn = await db
            .Database.SqlQuery<bool>(
                $"""
                UPDATE webhooks SET
                    pour_tx = CASE WHEN {row.IsEvent} THEN pour_tx ELSE {row.Tx}::xid8 END,
                    pour_seq = CASE WHEN {row.IsEvent} THEN pour_seq ELSE {row.Seq} END,
                    event_tx = CASE WHEN {row.IsEvent} THEN {row.Tx}::xid8 ELSE event_tx END,
                    event_seq = CASE WHEN {row.IsEvent} THEN {row.Seq} ELSE event_seq END,
                    failures = 0, failing_since = NULL, next_attempt_at = NULL, last_error = NULL,
                    leased_until = clock_timestamp() + {options.Value.Lease}
                WHERE id = {hook.Id} AND leased_by = {hook.LeasedBy}
                RETURNING active AND edition = {hook.Edition} AS "Value"
                """
            )
            .ToListAsync(cancellationToken);
        return goesOn is [true];
    }

    /// <summary>Notes that an attempt failed.</summary>
    /// <param name="hook">The hook as it was when the attempt began; what has been changed since begins anew.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="next">When the next one is due.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task FailAsync(Webhook hook, WebhookAttempt attempt, DateTimeOffset next, CancellationToken cancellationToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        await Sent(hook)
            .ExecuteUpdateAsync(
                row =>
                    row.SetProperty(h => h.Failures, h => h.Failures + 1)
                        .SetProperty(h => h.FailingSince, h => h.FailingSince ?? attempt.At)
                        .SetProperty(h => h.NextAttemptAt, next)
                        .SetProperty(h => h.LastError, attempt.Error),
                cancellationToken
            );
    }

    /// <summary>Turns a hook off.</summary>
    /// <param name="hook">The hook as it was when the attempt began.</param>
    /// <param name="attempt">The attempt that failed last.</param>
    /// <param name="reason">Why, for whoever looks after it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was turned off now.</returns>
    public async Task<bool> TurnOffAsync(Webhook hook, WebhookAttempt attempt, string reason, CancellationToken cancellationToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        var at = attempt.At + attempt.Duration;
        Guid? eventId = Guid.CreateVersion7(at);
        return await Sent(hook)
                .ExecuteUpdateAsync(
                    row =>
                        row.SetProperty(h => h.Active, false)
                            .SetProperty(h => h.Failures, h => h.Failures + 1)
                            .SetProperty(h => h.FailingSince, h => h.FailingSince ?? attempt.At)
                            .SetProperty(h => h.LastError, attempt.Error)
                            .SetProperty(h => h.OffAt, at)
                            .SetProperty(h => h.OffReason, reason)
                            .SetProperty(h => h.OffId, eventId)
                            .SetProperty(h => h.OffTold, false),
                    cancellationToken
                ) > 0;
    }

    /// <summary>Adds an attempt to those that are listed, and lets go of the oldest beyond the number that is kept.</summary>
    public async Task RecordAsync(Webhook hook, WebhookMessage message, int number, WebhookAttempt attempt, CancellationToken cancellationToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH added AS (
                INSERT INTO webhook_deliveries (webhook_id, message_id, kind, attempt, at, duration_ms, status, error)
                SELECT id, {message.Id}, {message.Kind}, {number}, {attempt.At}, {(int)
                attempt.Duration.TotalMilliseconds}, {attempt.Status}::int, {attempt.Error}::text
                FROM webhooks WHERE id = {hook.Id}
            )
            DELETE FROM webhook_deliveries WHERE webhook_id = {hook.Id} AND seq <= (
                SELECT seq FROM webhook_deliveries WHERE webhook_id = {hook.Id} ORDER BY seq DESC OFFSET {options.Value.KeptDeliveries - 1} LIMIT 1)
            """,
            cancellationToken
        );
    }

    private IQueryable<Webhook> Sent(Webhook hook) =>
        db.Webhooks.Where(row => row.Id == hook.Id && row.LeasedBy == hook.LeasedBy && row.Edition == hook.Edition);
}
