using System.Text;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Consumer.Worker.Writers;

/// <summary>Stores messages.</summary>
internal sealed class MessageWriter(EntryStore store) : KindWriter<IngestEntry>(EntryKinds.Message)
{
    private const string Sql = """
        INSERT INTO messages (id, received_at, payload, trace_id)
        SELECT id, received_at, payload, trace_id
        FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS m (id, received_at, payload, trace_id, n)
        ORDER BY n
        ON CONFLICT (id) DO NOTHING
        RETURNING id
        """;

    /// <inheritdoc />
    protected override (IngestEntry? Item, string? Reason) Read(IngestEntry entry) =>
        StrictJson.IsValid(entry.Body, out var refusal) ? (entry, null) : (null, refusal.Reason);

    /// <inheritdoc />
    protected override async Task<IReadOnlyList<Outcome>> StoreAsync(IReadOnlyList<IngestEntry> items, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. items.Select(entry => entry.Id)];
        object[] columns =
        [
            ids,
            items.Select(entry => entry.ReceivedAt).ToArray(),
            items.Select(entry => Encoding.UTF8.GetString(entry.Body)).ToArray(),
            items.Select(IngestTelemetry.TraceIdOf).ToArray(),
        ];
        return Outcome.Of(ids, await store.ExecuteAsync(Sql, columns, cancellationToken));
    }
}
