using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Store;

namespace Ingest.Api.Beers;

/// <summary>Reads stored pours.</summary>
internal sealed class BeerQueries(TaproomDb db, Arrivals arrivals)
{
    /// <summary>Finds a pour; one that was accepted of late and is not stored yet is waited for, up to two seconds.</summary>
    public Task<StoredPour?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        arrivals.FindAsync(EntryKinds.Pour, id, () => db.Pours.SingleOrDefaultAsync(pour => pour.Id == id, cancellationToken), cancellationToken);

    /// <summary>What was in the kegs of pours, by the id of the keg.</summary>
    public async Task<Dictionary<Guid, string>> BeveragesOfAsync(IEnumerable<StoredPour> pours, CancellationToken cancellationToken)
    {
        Guid[] kegs = [.. pours.Select(pour => pour.KegId).OfType<Guid>().Distinct()];
        return kegs.Length == 0
            ? []
            : await db.Kegs.Where(keg => kegs.Contains(keg.Id)).ToDictionaryAsync(keg => keg.Id, keg => keg.Beverage, cancellationToken);
    }

    /// <summary>The pours that match.</summary>
    public IQueryable<StoredPour> Matching(BeerFilter filter, TimeRange time)
    {
        IQueryable<StoredPour> pours = db.Pours;
        if (filter.Type is not null)
        {
            // Of an unknown type there are none.
            var glass = GlassTypes.Parse(filter.Type) ?? default;
            pours = pours.Where(pour => pour.Glass == glass);
        }

        if (Purposes.Parse(filter.Purpose) is { } purpose)
        {
            pours = pours.Where(pour => pour.Purpose == purpose);
        }

        if (filter.Proposed is { } isProposed)
        {
            pours = pours.Where(pour => pour.ProposedPurpose != null == isProposed);
        }

        if (filter.Tap is { } tap)
        {
            pours = pours.Where(pour => pour.TapId == tap);
        }

        if (filter.Beverage is { } beverage)
        {
            pours = pours.OfBeverage(db, beverage);
        }

        return time.Of(pours, pour => pour.PouredAt);
    }
}

/// <summary>Which beers; all that is given must match.</summary>
public sealed record BeerFilter
{
    [FromQuery(Name = "type")]
    [Description("A glass type: half, pint or stein; of any other there are none.")]
    public string? Type { get; init; }

    [FromQuery(Name = "purpose")]
    [Description("What they were for: sale, cleaning, foam, spill or taster.")]
    [AllowedValues(null, "sale", "cleaning", "foam", "spill", "taster", ErrorMessage = $"The parameter 'purpose' must be {Purposes.List}.")]
    public string? Purpose { get; init; }

    [FromQuery(Name = "proposed")]
    [Description("true: those for which a rule proposes another purpose; false: the others.")]
    public bool? Proposed { get; init; }

    [FromQuery(Name = "tap")]
    [Description("The id of a tap.")]
    [Range(1, int.MaxValue, ErrorMessage = "The parameter 'tap' must be a whole number, 1 or more.")]
    public int? Tap { get; init; }

    [FromQuery(Name = "beverage")]
    [Description("What was in the keg, by its exact name.")]
    public string? Beverage { get; init; }
}
