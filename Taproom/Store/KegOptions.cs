using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Taproom.Store;

/// <summary>How kegs are watched. Configuration section <c>Kegs</c>.</summary>
public sealed class KegOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Kegs";

    /// <summary>The share of its size below which a keg is low, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double LowShare { get; set; } = 0.15;

    /// <summary>What a mL weighs in g, for a keg that is weighed. Beers have 1.00 to 1.02.</summary>
    [Range(0.7, 1.5)]
    public double DensityGPerMl { get; set; } = 1.0;

    /// <summary>Whether a keg of this size is low at this level.</summary>
    public bool IsLow(decimal levelMl, decimal sizeMl) => levelMl < sizeMl * (decimal)LowShare;
}

/// <summary>Checks <see cref="KegOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class KegOptionsValidator : IValidateOptions<KegOptions>;
