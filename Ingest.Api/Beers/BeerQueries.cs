using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;
using Taproom.Store;

namespace Taproom.Api.Beers;

/// <summary>Reads stored pours.</summary>
internal sealed class BeerQueries(TaproomDb db, IngestStream stream, TimeProvider time)
{
    private static readonly TimeSpan StoredWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>Finds a stored pour; null when there is none.</summary>
    public Task<StoredPour?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        db.Pours.SingleOrDefaultAsync(pour => pour.Id == id, cancellationToken);

    /// <summary>Finds a pour; one that was accepted of late and is not stored yet is waited for, up to two seconds.</summary>
    public async Task<StoredPour?> FindOrAwaitAsync(Guid id, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var found = await FindAsync(id, cancellationToken);
        if (found is not null || await stream.FindRecentAsync(id, cancellationToken) is null)
        {
            return found;
        }

        while (found is null && time.GetElapsedTime(startedAt) < StoredWithin)
        {
            await Task.Delay(PollDelay, time, cancellationToken);
            found = await FindAsync(id, cancellationToken);
        }

        return found;
    }

    /// <summary>Lists pours, one more than the page holds where there are more.</summary>
    public async Task<IReadOnlyList<StoredPour>> ListAsync(BeerFilter filter, CancellationToken cancellationToken)
    {
        if ((filter.Type is not null && filter.Glass is null) || filter.Page.Offset > int.MaxValue)
        {
            return [];
        }

        var pours = Ordered(Filtered(filter), filter);
        return await pours.Skip((int)filter.Page.Offset).Take(filter.Page.Size + 1).ToListAsync(cancellationToken);
    }

    private IQueryable<StoredPour> Filtered(BeerFilter filter)
    {
        IQueryable<StoredPour> pours = db.Pours;
        if (filter.Glass is { } glass)
        {
            pours = pours.Where(pour => pour.Glass == glass);
        }

        if (filter.Tap is { } tap)
        {
            pours = pours.Where(pour => pour.TapId == tap);
        }

        if (filter.From is { } from)
        {
            pours = pours.Where(pour => pour.PouredAt >= from);
        }

        if (filter.To is { } to)
        {
            pours = pours.Where(pour => pour.PouredAt < to);
        }

        return pours;
    }

    private static IQueryable<StoredPour> Ordered(IQueryable<StoredPour> pours, BeerFilter filter)
    {
        var isAfter = BeerCursor.TryParse(filter.Page.After ?? "", filter.NewestFirst, out var after);
        if (!filter.NewestFirst)
        {
            return (isAfter ? pours.Where(pour => pour.Seq > after.Seq) : pours).OrderBy(pour => pour.Seq);
        }

        if (isAfter)
        {
            pours = pours.Where(pour => EF.Functions.LessThan(
                ValueTuple.Create(pour.PouredAt, pour.Seq), ValueTuple.Create(after.PouredAt, after.Seq)));
        }

        return pours.OrderByDescending(pour => pour.PouredAt).ThenByDescending(pour => pour.Seq);
    }
}
