using Npgsql;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Consumer.Worker.Kinds;

/// <summary>Stores activity events.</summary>
internal sealed class EventKind(EntryStore store) : IKindStore
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
    public string Kind => EntryKinds.Event;

    /// <inheritdoc />
    public (object? Item, string? Reason) Read(IngestEntry entry) =>
        ActivityEvent.TryParse(entry.Body, out var activity, out var refusal, needsEmail: false)
            ? (new Item(entry, activity), null)
            : (null, refusal.Reason);

    /// <inheritdoc />
    public Task<HashSet<Guid>> StoreAsync(IReadOnlyList<object> items, CancellationToken cancellationToken)
    {
        List<Item> events = [.. items.Cast<Item>()];
        return store.ExecuteAsync(
            Sql,
            [
                new NpgsqlParameter { Value = events.Select(item => item.Entry.Id).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => item.Entry.ReceivedAt).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => item.Event.Component).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => item.Event.Environment).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => item.Event.Email).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => item.Event.Message).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => item.Event.Data).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => IngestTelemetry.TraceIdOf(item.Entry)).ToArray() },
            ],
            cancellationToken
        );
    }

    private sealed record Item(IngestEntry Entry, ActivityEvent Event);
}
