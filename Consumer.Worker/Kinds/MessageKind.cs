using System.Text;
using Npgsql;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Consumer.Worker.Kinds;

/// <summary>Stores messages.</summary>
internal sealed class MessageKind(EntryStore store) : IKindStore
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
    public string Kind => EntryKinds.Message;

    /// <inheritdoc />
    public (object? Item, string? Reason) Read(IngestEntry entry)
    {
        if (!StrictJson.TryParse(entry.Body, out var document, out var refusal))
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
                new NpgsqlParameter { Value = entries.Select(entry => entry.ReceivedAt).ToArray() },
                new NpgsqlParameter { Value = entries.Select(entry => Encoding.UTF8.GetString(entry.Body)).ToArray() },
                new NpgsqlParameter { Value = entries.Select(IngestTelemetry.TraceIdOf).ToArray() },
            ],
            cancellationToken
        );
    }
}
