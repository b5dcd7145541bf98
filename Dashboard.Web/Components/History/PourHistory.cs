using Dashboard.Web.Components.Common;
using Microsoft.EntityFrameworkCore;
using Taproom.Pours;
using Taproom.Store;

namespace Dashboard.Web.Components.History;

/// <summary>A stored pour in the history.</summary>
/// <param name="Pour">The pour.</param>
/// <param name="Beverage">What was in the keg that it is of; null where none was on the tap.</param>
public sealed record HistoryRow(StoredPour Pour, string? Beverage)
{
    /// <summary>Its place in the list.</summary>
    public TimeCursor Cursor => new(Pour.PouredAt, Pour.Seq);
}

/// <summary>Reads stored pours, however many there are: a page costs the same wherever in the list it is.</summary>
internal sealed class PourHistory(IServiceScopeFactory scopes)
{
    /// <summary>Pours on a page.</summary>
    public const int PageSize = 50;

    private const int MostBeverages = 200;

    /// <summary>Names of what was in kegs, to choose from; the first two hundred.</summary>
    public async Task<IReadOnlyList<string>> BeveragesAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        return await db.Kegs.Select(keg => keg.Beverage).Distinct().OrderBy(name => name).Take(MostBeverages).ToListAsync(cancellationToken);
    }

    /// <summary>Reads a page.</summary>
    /// <returns>The page, and whether there is another one after it.</returns>
    public async Task<(IReadOnlyList<HistoryRow> Rows, bool HasMore)> ReadAsync(HistoryFilter filter, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        var rows = await InOrder(Matching(db, filter), filter)
            .Take(PageSize + 1)
            .Select(pour => new HistoryRow(pour, db.Kegs.Where(keg => keg.Id == pour.KegId).Select(keg => keg.Beverage).FirstOrDefault()))
            .ToListAsync(cancellationToken);
        return ([.. rows.Take(PageSize)], rows.Count > PageSize);
    }

    private static IQueryable<StoredPour> Matching(TaproomDb db, HistoryFilter filter)
    {
        IQueryable<StoredPour> pours = db.Pours;
        pours = filter.TapId is { } tap ? pours.Where(pour => pour.TapId == tap) : pours;
        pours = filter.Glass is { } glass ? pours.Where(pour => pour.Glass == glass) : pours;
        pours = filter.Purpose is { } purpose ? pours.Where(pour => pour.Purpose == purpose) : pours;
        pours = filter.Beverage is { } beverage ? pours.OfBeverage(db, beverage) : pours;
        pours = filter.From is { } from ? pours.Where(pour => pour.PouredAt >= from) : pours;
        return filter.To is { } to ? pours.Where(pour => pour.PouredAt < to) : pours;
    }

    private static IQueryable<StoredPour> InOrder(IQueryable<StoredPour> pours, HistoryFilter filter)
    {
        if (filter.IsOldestFirst)
        {
            pours = filter.Place is { At: var from, Seq: var after }
                ? pours.Where(pour => EF.Functions.GreaterThan(ValueTuple.Create(pour.PouredAt, pour.Seq), ValueTuple.Create(from, after)))
                : pours;
            return pours.OrderBy(pour => pour.PouredAt).ThenBy(pour => pour.Seq);
        }

        pours = filter.Place is { At: var to, Seq: var before }
            ? pours.Where(pour => EF.Functions.LessThan(ValueTuple.Create(pour.PouredAt, pour.Seq), ValueTuple.Create(to, before)))
            : pours;
        return pours.OrderByDescending(pour => pour.PouredAt).ThenByDescending(pour => pour.Seq);
    }
}
