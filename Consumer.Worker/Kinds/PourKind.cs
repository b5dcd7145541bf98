using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Store;

namespace Taproom.Consumer.Kinds;

/// <summary>Stores pours, and counts them.</summary>
internal sealed class PourKind(PourStore store, StoreMetrics metrics, TimeProvider time) : IKindStore
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
        var added = await store.StoreAsync(pours, cancellationToken);
        var committedAt = time.GetUtcNow();
        foreach (var pour in pours.Where(pour => added.Contains(pour.Id)).DistinctBy(pour => pour.Id))
        {
            metrics.PourStored(pour.VolumeMl, committedAt - pour.PouredAt);
        }

        metrics.DuplicatesSeen(pours.Count - added.Count);
        return added;
    }
}
