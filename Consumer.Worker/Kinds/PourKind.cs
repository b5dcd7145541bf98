using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Store;

namespace Consumer.Worker.Kinds;

/// <summary>Stores pours, counts them, and tells of kegs that have run low by them.</summary>
internal sealed partial class PourKind(PourStore store, IngestStream stream, StoreMetrics metrics, TimeProvider time, ILogger<PourKind> logger)
    : IKindStore
{
    /// <inheritdoc />
    public string Kind => EntryKinds.Pour;

    /// <inheritdoc />
    public (object? Item, string? Reason) Read(IngestEntry entry) =>
        PourEntry.TryRead(entry, out var pour, out var reason) ? (pour, null) : (null, reason);

    /// <inheritdoc />
    public async Task<HashSet<Guid>> StoreAsync(IReadOnlyList<object> items, CancellationToken cancellationToken)
    {
        List<Pour> pours = [.. items.Cast<Pour>()];
        var (added, lowKegs) = await store.StoreAsync(pours, cancellationToken);
        var committedAt = time.GetUtcNow();
        foreach (var pour in pours.Where(pour => added.Contains(pour.Id)).DistinctBy(pour => pour.Id))
        {
            metrics.PourStored(pour.VolumeMl, committedAt - pour.PouredAt);
        }

        metrics.DuplicatesSeen(pours.Count - added.Count);
        foreach (var lowKeg in lowKegs)
        {
            await TellAsync(lowKeg, cancellationToken);
        }

        return added;
    }

    private async Task TellAsync(IngestEntry lowKeg, CancellationToken cancellationToken)
    {
        try
        {
            // Whoever follows the stream hears of it there, as of any other event; it is stored already, under the same id.
            await stream.AppendAsync(lowKeg, cancellationToken);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException or StreamFullException)
        {
            // The event is committed with its pours, so trying the batch again would bring it no second time.
            LogUntold(lowKeg.Id, ex.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Listeners are not told of event {Id}, that a keg is low: {Message}")]
    private partial void LogUntold(Guid id, string message);
}
