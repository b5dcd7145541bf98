using System.Globalization;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Taproom;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Beers;

/// <summary>Takes reported pours in: each id once, at whatever replica and however often it comes.</summary>
internal sealed class BeerIntake(StoredPours stored, IngestStream stream, TimeProvider time)
{
    private static readonly Dictionary<Guid, StoredPour> NoPours = [];

    /// <summary>Appends those that are new, all of them or none.</summary>
    /// <param name="items">Reports that are good and name their tap; not empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>For each report what became of it; when this returns, Redis has what is new.</returns>
    public async Task<IReadOnlyList<BeerResult>> TakeAsync(IReadOnlyList<PourItem> items, CancellationToken cancellationToken)
    {
        var receivedAt = time.ReceiptTime();
        var pours = items.Select(item =>
            item.Report!.ToPour(item.Report.Id ?? Guid.CreateVersion7(receivedAt), item.Report.TapId!.Value, receivedAt)
        );
        var entries = pours.Zip(items, (pour, item) => (Pour: pour, Entry: ToEntry(pour, item.Json))).ToList();
        var known = await FindStoredAsync([.. items.Select(item => item.Report!.Id).OfType<Guid>()], cancellationToken);

        var fresh = entries.Where(item => !known.ContainsKey(item.Pour.Id)).ToList();
        var appended = fresh.Count == 0 ? [] : await stream.AppendOnceAsync([.. fresh.Select(item => item.Entry)], cancellationToken);
        var isNew = fresh.Zip(appended).Where(item => item.Second).Select(item => item.First.Entry).ToHashSet();

        var results = new List<BeerResult>(entries.Count);
        foreach (var (pour, entry) in entries)
        {
            results.Add(
                isNew.Contains(entry) ? new BeerResult(StatusCodes.Status201Created, Beer.Of(pour))
                : known.TryGetValue(pour.Id, out var first) ? Repeated(pour, first)
                : await FindAppendedAsync(pour, cancellationToken)
            );
        }

        return results;
    }

    private static BeerResult Repeated(Pour pour, StoredPour stored) =>
        stored.ReportedBy != pour.TapId ? BeerResult.OfAnotherTap
        : stored.DeletedAt is null ? new BeerResult(StatusCodes.Status200OK, Beer.Of(stored))
        : BeerResult.Deleted;

    private async Task<IReadOnlyDictionary<Guid, StoredPour>> FindStoredAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        if (ids.Length == 0)
        {
            return NoPours;
        }

        try
        {
            return await stored.FindAsync(ids).WaitAsync(Deadlines.Lookup, time, cancellationToken);
        }
        catch (Exception ex) when (FailureHandler.IsAway(ex))
        {
            // A pour is taken in without Postgres too: the worker stores an id once, however often it was accepted.
            return NoPours;
        }
    }

    // Accepted before and perhaps not stored yet: what it was then is what counts.
    private async Task<BeerResult> FindAppendedAsync(Pour pour, CancellationToken cancellationToken)
    {
        var first =
            await stream.FindRecentAsync(EntryKinds.Pour, pour.Id, cancellationToken) is { } entry && PourEntry.TryRead(entry, out var before, out _)
                ? before
                : pour;
        return first.TapId == pour.TapId ? new BeerResult(StatusCodes.Status200OK, Beer.Of(first)) : BeerResult.OfAnotherTap;
    }

    private static IngestEntry ToEntry(Pour pour, ReadOnlyMemory<byte> json) =>
        NewEntries.Of(EntryKinds.Pour, pour.Id, pour.TapId.ToString(CultureInfo.InvariantCulture), pour.ReceivedAt, json);
}

/// <summary>What became of a report: 201 new, 200 known before, 409 another tap's, 410 deleted, or why it was refused.</summary>
/// <param name="Status">The status that it has alone.</param>
/// <param name="Beer">The beer of that id: the first one that came with it.</param>
/// <param name="Detail">Why there is none.</param>
/// <param name="Member">The member at fault.</param>
internal sealed record BeerResult(
    int Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Beer? Beer = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Member = null
)
{
    /// <summary>The id is taken.</summary>
    public static BeerResult OfAnotherTap { get; } = new(StatusCodes.Status409Conflict, null, "Another tap has reported a beer of this id.", "id");

    /// <summary>The id was deleted.</summary>
    public static BeerResult Deleted { get; } = new(StatusCodes.Status410Gone, null, "A beer of this id was deleted; it does not come back.");
}
