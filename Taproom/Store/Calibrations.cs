using Microsoft.EntityFrameworkCore;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>Gives pours that came as pulses their volume.</summary>
public sealed class Calibrations(TaproomDb db, PourStore store)
{
    /// <summary>Stores a batch in which some pours may be without a volume, all of it or nothing.</summary>
    /// <remarks>
    /// The taps are locked before their calibrations are read, so that whoever sets one (<see cref="Recalibration"/>) finds each pour either
    /// stored, and derives its volume again, or not measured yet.
    /// </remarks>
    /// <param name="pours">The batch.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>The pours in their order, and the ids that are new. Those that cannot be measured are not stored.</returns>
    public async Task<(IReadOnlyList<MeasuredPour> Pours, HashSet<Guid> Added)> StoreAsync(
        IReadOnlyList<Pour> pours,
        CancellationToken cancellationToken
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // All of the batch, in the order in which the statement that stores it takes them.
        int[] taps = [.. pours.Select(pour => pour.TapId).Distinct()];
        await db.Database.ExecuteSqlAsync($"SELECT id FROM taps WHERE id = ANY ({taps}) ORDER BY id FOR NO KEY UPDATE", cancellationToken);
        var known = await db
            .Calibrations.Where(calibration => taps.Contains(calibration.TapId))
            .OrderBy(calibration => calibration.ValidFrom)
            .ThenBy(calibration => calibration.Id)
            .ToListAsync(cancellationToken);
        var byTap = known.ToLookup(calibration => calibration.TapId);
        List<MeasuredPour> measured = [.. pours.Select(pour => Measure(pour, [.. byTap[pour.TapId]]))];

        List<Pour> good = [.. measured.Where(item => item.Refusal is null).Select(item => item.Pour)];
        var added = good.Count == 0 ? [] : await store.StoreAsync(good, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (measured, added);
    }

    // The first holds for what was poured before it too: nothing better is known of that time.
    internal static Calibration? At(IReadOnlyList<Calibration> inOrder, DateTimeOffset pouredAt) =>
        inOrder.LastOrDefault(calibration => calibration.ValidFrom <= pouredAt)
        ?? inOrder.LastOrDefault(calibration => calibration.ValidFrom == inOrder[0].ValidFrom);

    private static MeasuredPour Measure(Pour pour, IReadOnlyList<Calibration> ofTap) =>
        pour.VolumeMl is not null ? new(pour)
        : At(ofTap, pour.PouredAt) is not { } calibration
            ? new(
                pour,
                $"Tap {pour.TapId} is not calibrated, so its pours need a volume. POST /api/taps/{pour.TapId}/calibrations, then requeue this."
            )
        : Volumes.OfPulses(pour.Pulses!.Value, calibration.PulsesPerLitre) is { } volumeMl ? new(pour with { VolumeMl = volumeMl })
        : new(pour, GlassTypes.OutOfRange);
}

/// <summary>A pour with its volume.</summary>
/// <param name="Pour">The pour.</param>
/// <param name="Refusal">Why it has none, in one sentence; null where it has.</param>
public readonly record struct MeasuredPour(Pour Pour, string? Refusal = null);
