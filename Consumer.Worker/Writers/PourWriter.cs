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
        var added = await store.StoreAsync(items, cancellationToken);
        var committedAt = time.GetUtcNow();
        var outcomes = Outcome
            .Of(items.Select(pour => pour.Id), added)
            .Zip(items, (outcome, pour) => outcome with { IdAsSent = pour.IdAsSent })
            .ToList();
        var known = items.Where((_, n) => !outcomes[n].IsNew).Select(pour => pour.Id).ToList();
        var owners = known.Count == 0 ? [] : await store.TapsOfAsync(known, cancellationToken);
        for (var n = 0; n < items.Count; n++)
        {
            var pour = items[n];
            if (outcomes[n].IsNew)
            {
                metrics.PourStored(pour.VolumeMl, committedAt - pour.PouredAt);
            }
            else if (owners[pour.Id] != pour.TapId)
            {
                outcomes[n] = Outcome.Refused($"Pour {pour.Id} of tap {pour.TapId} has the id of a pour of tap {owners[pour.Id]}.");
            }
        }

        metrics.DuplicatesSeen(outcomes.Count(outcome => outcome is { IsNew: false, Refusal: null }));
        return outcomes;
    }
}
