using System.Text;
using Npgsql;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Consumer.Worker.Kinds;

/// <summary>Stores readings, and counts those of meters with the meter.</summary>
internal sealed class ReadingKind(EntryStore store) : IKindStore
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
    public string Kind => EntryKinds.Reading;

    /// <inheritdoc />
    public (object? Item, string? Reason) Read(IngestEntry entry)
    {
        if (entry.Tap.Length == 0)
        {
            return (null, "A reading without a device.");
        }

        if (!StrictJson.TryParseObject(entry.Body, out var document, out var refusal))
        {
            return (null, refusal.Reason);
        }

        document.Dispose();
        return (entry, null);
    }

    /// <inheritdoc />
    public Task<HashSet<Guid>> StoreAsync(IReadOnlyList<object> items, CancellationToken cancellationToken)
    {
        List<IngestEntry> entries = [.. items.Cast<IngestEntry>()];
        return store.ExecuteAsync(
            Sql,
            [
                new NpgsqlParameter { Value = entries.Select(entry => entry.Id).ToArray() },
                new NpgsqlParameter { Value = entries.Select(entry => entry.Tap).ToArray() },
                new NpgsqlParameter { Value = entries.Select(entry => entry.ReceivedAt).ToArray() },
                new NpgsqlParameter { Value = entries.Select(entry => Encoding.UTF8.GetString(entry.Body)).ToArray() },
            ],
            cancellationToken
        );
    }
}
