using Npgsql;
using Taproom.Events;
using Taproom.Ingest;
using Taproom.Store;

namespace Taproom.Consumer.Kinds;

/// <summary>Stores activity events.</summary>
internal sealed class EventKind(EntryStore store) : IKindStore
{
    private const string Sql = """
        INSERT INTO events (id, created_at, component, environment, email, message, data)
        SELECT id, created_at, component, environment, email, message, data
        FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY AS e (id, created_at, component, environment, email, message, data, n)
        ORDER BY n
        ON CONFLICT (id) DO NOTHING
        RETURNING id
        """;

    /// <inheritdoc />
    public string Kind => EntryKinds.Event;

    /// <inheritdoc />
    public (object? Item, string? Reason) Read(IngestEntry entry) =>
        ActivityEvent.TryParse(entry.Body, out var activity, out var refusal, needsEmail: false)
            ? (new Item(entry.Id, entry.ReceivedAt, activity), null)
            : (null, refusal.Reason);

    /// <inheritdoc />
    public Task<HashSet<Guid>> StoreAsync(IReadOnlyList<object> items, CancellationToken cancellationToken)
    {
        List<Item> events = [.. items.Cast<Item>()];
        return store.ExecuteAsync(
            Sql,
            [
                new NpgsqlParameter { Value = events.Select(item => item.Id).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => item.CreatedAt).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => item.Event.Component).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => item.Event.Environment).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => item.Event.Email).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => item.Event.Message).ToArray() },
                new NpgsqlParameter { Value = events.Select(item => item.Event.Data).ToArray() },
            ],
            cancellationToken);
    }

    private sealed record Item(Guid Id, DateTimeOffset CreatedAt, ActivityEvent Event);
}
