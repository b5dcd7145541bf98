using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Dashboard.Web.Live;

/// <summary>What Postgres has of messages and events.</summary>
/// <param name="Newest">Its newest ones that the board does not show.</param>
/// <param name="StoredIds">Those that the board shows as received, and that it has.</param>
internal sealed record StoredEntries(IReadOnlyList<EntryView> Newest, IReadOnlyList<Guid> StoredIds);

/// <summary>Reads what the board of messages and events needs of Postgres.</summary>
internal sealed class StoredEntriesQuery(TaproomDb db)
{
    /// <summary>Reads it.</summary>
    /// <param name="shown">What the board shows.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task<StoredEntries> ReadAsync(IReadOnlyList<EntryView> shown, CancellationToken cancellationToken)
    {
        var known = shown.Select(entry => entry.Id).ToArray();
        var messages = await db
            .Messages.OrderByDescending(message => message.Seq)
            .Take(LatestLists.Size)
            .Where(message => !known.Contains(message.Id))
            .ToListAsync(cancellationToken);
        var events = await db
            .Events.OrderByDescending(activity => activity.CreatedAt)
            .ThenByDescending(activity => activity.Seq)
            .Take(LatestLists.Size)
            .Where(activity => !known.Contains(activity.Id))
            .ToListAsync(cancellationToken);

        var waiting = shown.Where(entry => !entry.IsStored).Select(entry => entry.Id).ToArray();
        IReadOnlyList<Guid> stored =
            waiting.Length == 0
                ? []
                : await db
                    .Messages.Where(message => waiting.Contains(message.Id))
                    .Select(message => message.Id)
                    .Concat(db.Events.Where(activity => waiting.Contains(activity.Id)).Select(activity => activity.Id))
                    .ToListAsync(cancellationToken);
        return new StoredEntries([.. messages.Select(EntryView.Of), .. events.Select(EntryView.Of)], stored);
    }
}
