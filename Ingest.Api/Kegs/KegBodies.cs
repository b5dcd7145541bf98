using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Taproom.Pours;
using Taproom.Store;

namespace Ingest.Api.Kegs;

/// <summary>Limits of what is said of a keg.</summary>
internal static class KegLimits
{
    /// <summary>A tank of a brewery holds less than 1,000,000 L.</summary>
    public const double MaxMl = 1_000_000_000;

    /// <summary>And weighs less than so many g.</summary>
    public const double MaxG = 2_000_000_000;

    /// <summary>The most that one costs.</summary>
    public const double MaxCost = 10_000_000;

    public const string Size = "The member 'sizeMl' must be a number above 0, at most 1000000000.";
    public const string Tare = "The member 'tareG' must be a number from 0 to 2000000000.";
    public const string Cost = "The member 'cost' must be a number from 0 to 10000000.";

    /// <summary>Rounds money as it is stored.</summary>
    public static decimal? Money(decimal? amount) => amount is { } value ? decimal.Round(value, 4, MidpointRounding.ToEven) : null;
}

/// <summary>A keg as it is posted.</summary>
/// <param name="SizeMl">Its size in mL.</param>
public sealed record KegPost(
    [property: Description("The name of a beverage; one that is not known is made."), Text(200)] string Beverage,
    [property: Range(0.001, KegLimits.MaxMl, ErrorMessage = KegLimits.Size)] decimal SizeMl,
    [property: Description("What it weighs empty, in g."), Range(0, KegLimits.MaxG, ErrorMessage = KegLimits.Tare)] decimal? TareG = null,
    [property: Description("What the full keg cost, in the venue's money."), Range(0, KegLimits.MaxCost, ErrorMessage = KegLimits.Cost)]
        decimal? Cost = null,
    [property: Description("Its UUID, where whoever adds it wants to be able to send it again: the same id adds no second keg.")] Guid? Id = null
)
{
    /// <summary>The keg, full.</summary>
    internal Keg ToKeg(Guid id, string beverage) =>
        new()
        {
            Id = id,
            Beverage = beverage,
            SizeMl = Volumes.Round(SizeMl),
            LevelMl = Volumes.Round(SizeMl),
            TareG = TareG is { } tare ? Volumes.Round(tare) : null,
            Cost = KegLimits.Money(Cost),
        };
}

/// <summary>A change of a keg; what is left out stays as it is.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed class KegPatch
{
    [Description("The name of a beverage; one that is not known is made."), Text(200, IsOptional = true)]
    public string? Beverage { get; init; }

    [Description("Its size in mL; the level follows."), Range(0.001, KegLimits.MaxMl, ErrorMessage = KegLimits.Size)]
    public decimal? SizeMl { get; init; }

    [Description("What it weighs empty, in g; null forgets it."), Range(0, KegLimits.MaxG, ErrorMessage = KegLimits.Tare)]
    public decimal? TareG { get; init; }

    [Description("What the full keg cost, in the venue's money; null forgets it."), Range(0, KegLimits.MaxCost, ErrorMessage = KegLimits.Cost)]
    public decimal? Cost { get; init; }

    [Description("Whether a keg that is on no tap is empty: true ends it, false takes it back.")]
    public bool? Empty { get; init; }

    /// <summary>What is changed.</summary>
    /// <param name="sent">Names of the members that were sent.</param>
    internal KegEdit ToEdit(HashSet<string> sent) =>
        new()
        {
            Beverage = Beverage,
            SizeMl = SizeMl,
            HasTareG = sent.Contains("tareG"),
            TareG = TareG,
            HasCost = sent.Contains("cost"),
            Cost = KegLimits.Money(Cost),
            IsEmptied = Empty,
        };
}
