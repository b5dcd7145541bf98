using Ingest.Api.Lists;
using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;
using Taproom.Store;

namespace Ingest.Api.Beers;

/// <summary>Reads stored pours.</summary>
internal sealed class BeerQueries(TaproomDb db, Arrivals arrivals)
{
    /// <summary>Finds a pour; one that was accepted of late and is not stored yet is waited for, up to two seconds.</summary>
    public Task<StoredPour?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        arrivals.FindAsync(EntryKinds.Pour, id, () => db.Pours.SingleOrDefaultAsync(pour => pour.Id == id, cancellationToken), cancellationToken);

    /// <summary>Lists pours, one more than the page holds where there are more.</summary>
    public async Task<IReadOnlyList<StoredPour>> ListAsync(BeerFilter filter, CancellationToken cancellationToken)
    {
        if (filter.Type is not null && filter.Glass is null)
        {
            return [];
        }

        return await filter.Part.Of(Ordered(Filtered(filter), filter)).ToListAsync(cancellationToken);
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
        if (!filter.NewestFirst)
        {
            return (filter.Part.After is { Seq: var seq } ? pours.Where(pour => pour.Seq > seq) : pours).OrderBy(pour => pour.Seq);
        }

        if (filter.Part.After is { } after)
        {
            pours = pours.Where(pour => EF.Functions.LessThan(ValueTuple.Create(pour.PouredAt, pour.Seq), ValueTuple.Create(after.Time, after.Seq)));
        }

        return pours.OrderByDescending(pour => pour.PouredAt).ThenByDescending(pour => pour.Seq);
    }
}
