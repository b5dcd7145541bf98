using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Store;

namespace Consumer.Worker.Writers;

/// <summary>Stores pours and counts them.</summary>
internal sealed class PourWriter(PourStore store, StoreMetrics metrics, TimeProvider time) : KindWriter<Pour>(EntryKinds.Pour)
{
    /// <inheritdoc />
    protected override (Pour? Item, string? Reason) Read(IngestEntry entry) =>
        PourEntry.TryRead(entry, out var pour, out var reason) ? (pour, null) : (null, reason);

    /// <inheritdoc />
    protected override async Task<IReadOnlyList<Outcome>> StoreAsync(IReadOnlyList<Pour> items, CancellationToken cancellationToken)
    {
        var outcomes = Outcome.Of(items.Select(pour => pour.Id), await store.StoreAsync(items, cancellationToken));
        var committedAt = time.GetUtcNow();
        foreach (var (pour, outcome) in items.Zip(outcomes))
        {
            if (outcome.IsNew)
            {
                metrics.PourStored(pour.VolumeMl, committedAt - pour.PouredAt);
            }
        }

        metrics.DuplicatesSeen(outcomes.Count(outcome => !outcome.IsNew));
        return outcomes;
    }
}
