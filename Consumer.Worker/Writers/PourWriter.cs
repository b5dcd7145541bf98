using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Store;

namespace Consumer.Worker.Writers;

/// <summary>Stores pours and counts them.</summary>
internal sealed class PourWriter(PourStore store, Calibrations calibrations, StoreMetrics metrics, TimeProvider time)
    : KindWriter<Pour>(EntryKinds.Pour)
{
    /// <inheritdoc />
    protected override (Pour? Item, string? Reason) Read(IngestEntry entry) =>
        PourEntry.TryRead(entry, out var pour, out var reason) ? (pour, null) : (null, reason);

    /// <inheritdoc />
    protected override async Task<IReadOnlyList<Outcome>> StoreAsync(IReadOnlyList<Pour> items, CancellationToken cancellationToken)
    {
        // Nothing is asked of the calibrations while every pour has its volume.
        var (pours, added) = items.All(pour => pour.VolumeMl is not null)
            ? ([.. items.Select(pour => new MeasuredPour(pour))], await store.StoreAsync(items, cancellationToken))
            : await calibrations.StoreAsync(items, cancellationToken);
        var committedAt = time.GetUtcNow();
        // Removed, not looked up: of two pours with one id, the second is the duplicate.
        Outcome[] outcomes =
        [
            .. pours.Select(item => new Outcome(IsNew: item.Refusal is null && added.Remove(item.Pour.Id), IdAsSent: item.Pour.IdAsSent)),
        ];
        var known = items.Where((_, n) => !outcomes[n].IsNew).Select(pour => pour.Id).ToList();
        var owners = known.Count == 0 ? [] : await store.TapsOfAsync(known, cancellationToken);
        for (var n = 0; n < outcomes.Length; n++)
        {
            var (pour, refusal) = pours[n];
            if (outcomes[n].IsNew)
            {
                metrics.PourStored(pour.VolumeMl!.Value, committedAt - pour.PouredAt);
            }
            else if (!owners.TryGetValue(pour.Id, out var owner))
            {
                outcomes[n] = Outcome.Refused(refusal!);
            }
            else if (owner != pour.TapId)
            {
                outcomes[n] = Outcome.Refused($"Pour {pour.Id} of tap {pour.TapId} has the id of a pour of tap {owner}.");
            }
        }

        metrics.DuplicatesSeen(outcomes.Count(outcome => outcome is { IsNew: false, Refusal: null }));
        return outcomes;
    }
}
