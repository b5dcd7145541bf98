using System.Text.Json;
using Ingest.Api.Alerts;
using Ingest.Api.Beers;
using Ingest.Api.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Taproom.Store;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Ingest.Api.Webhooks;

/// <summary>What a receiver is sent.</summary>
/// <param name="Id">Its <c>webhook-id</c>: the same for each attempt, made of the hook and of what it tells.</param>
/// <param name="Kind">One of <see cref="WebhookKinds"/>.</param>
/// <param name="Body">JSON: type, timestamp, data.</param>
/// <param name="TraceId">The trace of what it tells; null when there is none.</param>
internal sealed record WebhookMessage(string Id, string Kind, byte[] Body, Guid? TraceId);

/// <summary>A stored row that a hook has not been told yet, in the order of insertion.</summary>
/// <param name="Tx">Its transaction.</param>
/// <param name="Seq">Its order within that.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsEvent">Whether it is a row of events; else it is one of pours.</param>
internal sealed record DueRow(string Tx, long Seq, Guid Id, bool IsEvent);

/// <summary>Reads what hooks have to be told, and puts it into words.</summary>
internal sealed class WebhookMessages(TaproomDb db, IOptions<JsonOptions> json)
{
    /// <summary>The test message of a hook, which tells nothing but that it arrives.</summary>
    public WebhookMessage Test(Webhook hook, DateTimeOffset now) =>
        Message(hook, Guid.CreateVersion7(now), WebhookKinds.Test, now, new { webhookId = hook.Id }, traceId: null);

    /// <summary>Reads the rows after the hook's cursors, each with its message; null for one that the hook is not told.</summary>
    /// <remarks>One query of both tables, so that both are seen at one moment and come in one order; see <see cref="IInsertedRow"/>.</remarks>
    public async Task<IReadOnlyList<(DueRow Row, WebhookMessage? Message)>> ReadAsync(Webhook hook, int count, CancellationToken cancellationToken)
    {
        var (wantsPours, wantsEvents) = (hook.Kinds.Contains(WebhookKinds.PourStored), WebhookKinds.AreOfEvents(hook.Kinds));
        var rows = await db
            .Database.SqlQuery<DueRow>(
                $"""
                SELECT due.tx::text AS "Tx", due.seq AS "Seq", due.id AS "Id", due.is_event AS "IsEvent" FROM (
                    (SELECT tx, seq, id, false AS is_event FROM pours
                    WHERE {wantsPours} AND deleted_at IS NULL AND tx < pg_snapshot_xmin(pg_current_snapshot())
                        AND (tx, seq) > ({$"{hook.PourTx}"}::xid8, {hook.PourSeq})
                    ORDER BY tx, seq LIMIT {count})
                    UNION ALL
                    (SELECT tx, seq, id, true AS is_event FROM events
                    WHERE {wantsEvents} AND tx < pg_snapshot_xmin(pg_current_snapshot())
                        AND (tx, seq) > ({$"{hook.EventTx}"}::xid8, {hook.EventSeq})
                    ORDER BY tx, seq LIMIT {count})
                ) due ORDER BY due.tx, due.is_event, due.seq LIMIT {count}
                """
            )
            .ToListAsync(cancellationToken);
        var messages = new Dictionary<Guid, WebhookMessage>();
        foreach (var pour in await PoursAsync(rows, cancellationToken))
        {
            messages[pour.Id] = Message(hook, pour.Id, WebhookKinds.PourStored, pour.StoredAt, Beer.Of(pour), pour.TraceId);
        }

        foreach (var message in await EventsAsync(hook, rows, cancellationToken))
        {
            messages[message.Row] = message.Message;
        }

        return [.. rows.Select(row => (row, messages.GetValueOrDefault(row.Id) is { } m && hook.Kinds.Contains(m.Kind) ? m : null))];
    }

    private async Task<IReadOnlyList<StoredPour>> PoursAsync(List<DueRow> rows, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. rows.Where(row => !row.IsEvent).Select(row => row.Id)];
        return ids.Length == 0 ? [] : await db.Pours.Where(pour => ids.Contains(pour.Id)).ToListAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<(Guid Row, WebhookMessage Message)>> EventsAsync(
        Webhook hook,
        List<DueRow> rows,
        CancellationToken cancellationToken
    )
    {
        Guid[] ids = [.. rows.Where(row => row.IsEvent).Select(row => row.Id)];
        if (ids.Length == 0)
        {
            return [];
        }

        var events = await db.Events.Where(e => ids.Contains(e.Id)).ToListAsync(cancellationToken);
        Guid[] told = [.. events.Select(AlertOf).OfType<Guid>()];
        var alerts = told.Length == 0 ? [] : await db.Alerts.Where(alert => told.Contains(alert.Id)).ToDictionaryAsync(a => a.Id, cancellationToken);
        return [.. events.Select(e => (e.Id, Message(hook, e, AlertOf(e) is { } id ? alerts.GetValueOrDefault(id) : null)))];
    }

    private WebhookMessage Message(Webhook hook, StoredEvent e, Alert? alert) =>
        // As it was then, whatever has become of it since: a repeated message has to be the same.
        e.Id == alert?.Id
            ? Message(hook, e.Id, WebhookKinds.AlertBegan, alert.BeganAt, AlertShape.Of(alert) with { EndedAt = null }, e.TraceId)
        : e.Id == alert?.EndId ? Message(hook, e.Id, WebhookKinds.AlertEnded, alert.EndedAt ?? e.CreatedAt, AlertShape.Of(alert), e.TraceId)
        : Message(hook, e.Id, WebhookKinds.Event, e.CreatedAt, EventShape.Of(e), e.TraceId);

    private WebhookMessage Message(Webhook hook, Guid row, string kind, DateTimeOffset timestamp, object data, Guid? traceId)
    {
        var body = new
        {
            type = kind,
            timestamp,
            data,
        };
        return new WebhookMessage($"msg_{hook.Id:N}_{row:N}", kind, JsonSerializer.SerializeToUtf8Bytes(body, json.Value.SerializerOptions), traceId);
    }

    // An event of the system itself names the alert that it tells of.
    private static Guid? AlertOf(StoredEvent e)
    {
        if (e.Email is not null)
        {
            return null;
        }

        using var data = JsonDocument.Parse(e.Data);
        return
            data.RootElement is { ValueKind: JsonValueKind.Object } members
            && members.TryGetProperty("alertId", out var id)
            && id.ValueKind == JsonValueKind.String
            && id.TryGetGuid(out var alert)
            ? alert
            : null;
    }
}
