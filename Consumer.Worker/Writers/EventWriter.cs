using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Consumer.Worker.Writers;

/// <summary>Stores activity events.</summary>
internal sealed class EventWriter(EntryStore store) : KindWriter<EventWriter.Item>(EntryKinds.Event)
{
    private const string Sql = """
        INSERT INTO events (id, created_at, component, environment, email, message, data, trace_id)
        SELECT id, created_at, component, environment, email, message, data, trace_id
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY
            AS e (id, created_at, component, environment, email, message, data, trace_id, n)
        ORDER BY n
        ON CONFLICT (id) DO NOTHING
        RETURNING id
        """;

    /// <inheritdoc />
    protected override (Item? Item, string? Reason) Read(IngestEntry entry) =>
        ActivityEvent.TryParse(entry.Body, out var activity, out var refusal, needsEmail: false)
            ? (new Item(entry, activity), null)
            : (null, refusal.Reason);

    /// <inheritdoc />
    protected override async Task<IReadOnlyList<Outcome>> StoreAsync(IReadOnlyList<Item> items, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. items.Select(item => item.Entry.Id)];
        object[] columns =
        [
            ids,
            items.Select(item => item.Entry.ReceivedAt).ToArray(),
            items.Select(item => item.Event.Component).ToArray(),
            items.Select(item => item.Event.Environment).ToArray(),
            items.Select(item => item.Event.Email).ToArray(),
            items.Select(item => item.Event.Message).ToArray(),
            items.Select(item => item.Event.Data).ToArray(),
            items.Select(item => IngestTelemetry.TraceIdOf(item.Entry)).ToArray(),
        ];
        return Outcome.Of(ids, await store.ExecuteAsync(Sql, columns, cancellationToken));
    }

    internal sealed record Item(IngestEntry Entry, ActivityEvent Event);
}
