namespace Taproom.Store;

/// <summary>Finds pours by what was in the keg that gave them.</summary>
public static class PoursOfBeverage
{
    /// <summary>The pours of all kegs of a beverage, by its exact name.</summary>
    /// <remarks>They are of the taps that those kegs were on, which an index knows; none has the kegs of pours.</remarks>
    public static IQueryable<StoredPour> OfBeverage(this IQueryable<StoredPour> pours, TaproomDb db, string beverage) =>
        pours.Where(pour =>
            db.Kegs.Any(keg => keg.Id == pour.KegId && keg.Beverage == beverage)
            && db.Tappings.Where(tapping => db.Kegs.Any(keg => keg.Id == tapping.KegId && keg.Beverage == beverage))
                .Select(tapping => tapping.TapId)
                .Contains(pour.TapId)
        );
}
