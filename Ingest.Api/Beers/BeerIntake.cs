using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Ingest.Api.Answers;
using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Beers;

/// <summary>Takes reported pours in: each id once, at whatever replica and however often it comes.</summary>
internal sealed class BeerIntake(IServiceScopeFactory scopes, IngestStream stream, TimeProvider time)
{
    private static readonly TimeSpan LookUpTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Appends those that are new, all of them or none.</summary>
    /// <param name="reports">Validated reports that name their tap; not empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>For each report what became of it; when this returns, Redis has what is new.</returns>
    public async Task<IReadOnlyList<TakenBeer>> TakeAsync(IReadOnlyList<Reported> reports, CancellationToken cancellationToken)
    {
        var receivedAt = time.ReceiptTime();
        var pours = reports
            .Select(reported => reported.Report.ToPour(reported.Report.Id ?? Guid.CreateVersion7(receivedAt), reported.TapId, receivedAt))
            .ToList();
        var stored = await FindStoredAsync([.. reports.Select(reported => reported.Report.Id).OfType<Guid>()], cancellationToken);

        var fresh = Enumerable.Range(0, pours.Count).Where(n => !stored.ContainsKey(pours[n].Id)).ToList();
        var appended =
            fresh.Count == 0 ? [] : await stream.AppendOnceAsync([.. fresh.Select(n => ToEntry(pours[n], reports[n].Body))], cancellationToken);

        var taken = new TakenBeer[pours.Count];
        foreach (var (n, isNew) in fresh.Zip(appended))
        {
            taken[n] = isNew
                ? new(StatusCodes.Status201Created, Beer.Of(pours[n]))
                : new(StatusCodes.Status200OK, await FindAppendedAsync(pours[n], cancellationToken));
        }

        for (var n = 0; n < taken.Length; n++)
        {
            taken[n] ??= stored[pours[n].Id] is { DeletedAt: null } known
                ? new(StatusCodes.Status200OK, Beer.Of(known))
                : new(StatusCodes.Status410Gone, Beer.Of(stored[pours[n].Id]));
        }

        return taken;
    }

    private async Task<Dictionary<Guid, StoredPour>> FindStoredAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        if (ids.Length == 0)
        {
            return [];
        }

        try
        {
            return await ReadStoredAsync(ids, cancellationToken).WaitAsync(LookUpTimeout, time, cancellationToken);
        }
        catch (Exception ex) when (FailureHandler.IsAway(ex))
        {
            // A pour is taken in without Postgres too: the worker stores an id once, however often it was accepted.
            return [];
        }
    }

    // With a connection of its own, because one that hangs is given up later than the wait for it.
    private async Task<Dictionary<Guid, StoredPour>> ReadStoredAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope
            .ServiceProvider.GetRequiredService<TaproomDb>()
            .Pours.IgnoreQueryFilters()
            .Where(pour => ids.Contains(pour.Id))
            .ToDictionaryAsync(pour => pour.Id, cancellationToken);
    }

    private async Task<Beer> FindAppendedAsync(Pour pour, CancellationToken cancellationToken) =>
        await stream.FindRecentAsync(EntryKinds.Pour, pour.Id, cancellationToken) is { } entry
        && PourReport.TryParse(entry.Body, out var report, out _)
        && int.TryParse(entry.Tap, CultureInfo.InvariantCulture, out var tapId)
            ? Beer.Of(report.ToPour(entry.Id, tapId, entry.ReceivedAt))
            : Beer.Of(pour);

    private static IngestEntry ToEntry(Pour pour, byte[] body) =>
        new()
        {
            Id = pour.Id,
            Kind = EntryKinds.Pour,
            Tap = pour.TapId.ToString(CultureInfo.InvariantCulture),
            ReceivedAt = pour.ReceivedAt,
            Body = body,
        };
}

/// <summary>A report with its JSON as it came.</summary>
internal sealed record Reported(PourReport Report, int TapId, byte[] Body)
{
    /// <summary>Why a report without a tap is refused.</summary>
    private static readonly Refusal NoTap = Refusal.Unprocessable("tapId", "The member 'tapId' must be a whole number, 1 or more.");

    /// <summary>Reads a report that must name its tap.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out Reported? reported, [NotNullWhen(false)] out Refusal? refusal)
    {
        reported = null;
        if (!PourReport.TryParse(utf8, out var report, out refusal))
        {
            return false;
        }

        if (report.TapId is not { } tapId)
        {
            refusal = NoTap;
            return false;
        }

        reported = new Reported(report, tapId, utf8.ToArray());
        return true;
    }
}

/// <summary>What became of a report.</summary>
/// <param name="Status">201 new, 200 known before, 410 known and deleted.</param>
/// <param name="Beer">The beer of that id: the first one that came with it.</param>
internal sealed record TakenBeer(int Status, Beer Beer);
