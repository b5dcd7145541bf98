using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Webhooks;

/// <summary>Writes what an admin says of hooks.</summary>
internal sealed class WebhookRegistry(TaproomDb db, WebhookSecrets secrets, WebhookSignal changes, TimeProvider time)
{
    /// <summary>Most hooks: each is a reader of its own.</summary>
    public const int Max = 100;

    /// <summary>Makes a hook, which is told what is stored from now on.</summary>
    /// <returns>Its id; null when there are as many as there may be.</returns>
    public async Task<Guid?> AddAsync(WebhookPost post, string secret, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        // The oldest transaction that is still open: whatever it and later ones store is told.
        var added = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO webhooks (id, url, kinds, secret, active, edition, created_at, pour_tx, pour_seq, event_tx, event_seq, failures, off_told)
            SELECT {id}, {post.Url}, {post.Kinds}, {secrets.Protect(secret)}, {post.Active}, 0, {now},
                pg_snapshot_xmin(pg_current_snapshot()), 0, pg_snapshot_xmin(pg_current_snapshot()), 0, 0, false
            WHERE (SELECT count(*) FROM webhooks) < {Max}
            """,
            cancellationToken
        );
        changes.Set();
        return added > 0 ? id : null;
    }

    /// <summary>Changes a hook; it begins anew with its attempts, and goes on after what it was told. A table that is new to it begins now.</summary>
    public async Task ChangeAsync(Webhook hook, WebhookPatch patch, CancellationToken cancellationToken)
    {
        var kinds = patch.Kinds ?? hook.Kinds;
        var startsPours = kinds.Contains(WebhookKinds.PourStored) && !hook.Kinds.Contains(WebhookKinds.PourStored);
        var startsEvents = WebhookKinds.AreOfEvents(kinds) && !WebhookKinds.AreOfEvents(hook.Kinds);
        var secret = patch.Secret is null ? null : secrets.Protect(patch.Secret);
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE webhooks SET
                url = coalesce({patch.Url}::text, url), kinds = coalesce({patch.Kinds}::text[], kinds),
                secret = coalesce({secret}::bytea, secret), active = coalesce({patch.Active}::boolean, active),
                edition = edition + 1, failures = 0, failing_since = NULL, next_attempt_at = NULL, last_error = NULL,
                pour_tx = CASE WHEN {startsPours} THEN pg_snapshot_xmin(pg_current_snapshot()) ELSE pour_tx END,
                pour_seq = CASE WHEN {startsPours} THEN 0 ELSE pour_seq END,
                event_tx = CASE WHEN {startsEvents} THEN pg_snapshot_xmin(pg_current_snapshot()) ELSE event_tx END,
                event_seq = CASE WHEN {startsEvents} THEN 0 ELSE event_seq END,
                off_at = CASE WHEN {patch.Active}::boolean THEN NULL ELSE off_at END,
                off_reason = CASE WHEN {patch.Active}::boolean THEN NULL ELSE off_reason END,
                off_id = CASE WHEN {patch.Active}::boolean THEN NULL ELSE off_id END
            WHERE id = {hook.Id}
            """,
            cancellationToken
        );
        changes.Set();
    }

    /// <summary>Removes a hook and its attempts.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        var deleted = await db.Webhooks.Where(hook => hook.Id == id).ExecuteDeleteAsync(cancellationToken);
        changes.Set();
        return deleted > 0;
    }
}
