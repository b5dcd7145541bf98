using System.Text;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Consumer.Worker.Writers;

/// <summary>Stores readings of taps and meters, and counts those of meters.</summary>
internal sealed class ReadingWriter(EntryStore store) : KindWriter<IngestEntry>(EntryKinds.Reading)
{
    private const string Sql = """
        WITH stored AS (
            INSERT INTO readings (id, device, received_at, body)
            SELECT id, device, received_at, body FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS r (id, device, received_at, body, n)
            ORDER BY n
            ON CONFLICT (id) DO NOTHING
            RETURNING id, device, received_at
        ), counted AS (
            UPDATE meters AS m SET
                total_events_logged = m.total_events_logged + s.readings,
                first_timestamp = least(m.first_timestamp, s.first),
                last_timestamp = greatest(m.last_timestamp, s.last),
                last_error = NULL
            FROM (
                SELECT device, count(*) AS readings, min(received_at) AS first, max(received_at) AS last
                FROM stored GROUP BY device ORDER BY device
            ) AS s
            WHERE 'meter:' || m.id = s.device
        )
        SELECT id FROM stored
        """;

    /// <inheritdoc />
    protected override (IngestEntry? Item, string? Reason) Read(IngestEntry entry) =>
        entry.Tap.Length == 0 ? (null, "A reading without a device.")
        : StrictJson.IsValidObject(entry.Body, out var refusal) ? (entry, null)
        : (null, refusal.Reason);

    /// <inheritdoc />
    protected override async Task<IReadOnlyList<Outcome>> StoreAsync(IReadOnlyList<IngestEntry> items, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. items.Select(entry => entry.Id)];
        object[] columns =
        [
            ids,
            items.Select(entry => entry.Tap).ToArray(),
            items.Select(entry => entry.ReceivedAt).ToArray(),
            items.Select(entry => Encoding.UTF8.GetString(entry.Body)).ToArray(),
        ];
        return Outcome.Of(ids, await store.ExecuteAsync(Sql, columns, cancellationToken));
    }
}
