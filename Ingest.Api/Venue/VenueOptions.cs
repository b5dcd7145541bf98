using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ingest.Api.Venue;

/// <summary>The clock and the glasses of the venue. Configuration section <c>Venue</c>.</summary>
internal sealed class VenueOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Venue";

    /// <summary>IANA name of the time zone of the venue.</summary>
    [Required]
    public string TimeZone { get; set; } = "UTC";

    /// <summary>When a business day ends on that clock: at 04:00, what is poured at 02:00 belongs to the day before.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "23:59:59")]
    public TimeSpan DayEnds { get; set; } = TimeSpan.FromHours(4);

    /// <summary>What the till calls its glasses, with the mL of each, for sales that come without a volume.</summary>
    public Dictionary<string, decimal> Glasses { get; set; } = [];

    /// <summary>The venue's money: an ISO 4217 code such as EUR. Costs and prices are in it.</summary>
    [RegularExpression("[A-Z]{3}", ErrorMessage = "Venue:Currency must be an ISO 4217 code of three capital letters, such as EUR.")]
    public string Currency { get; set; } = "EUR";

    /// <summary>The time zone.</summary>
    public TimeZoneInfo Zone => TimeZoneInfo.FindSystemTimeZoneById(TimeZone);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // Postgres, which knows IANA names only, reads it too.
        if (
            !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _)
            || (TimeZone != "UTC" && TimeZoneInfo.TryConvertWindowsIdToIanaId(TimeZone, out _))
        )
        {
            yield return new($"Venue:TimeZone must be an IANA name such as Europe/Berlin, not {TimeZone}.", [nameof(TimeZone)]);
        }

        if (Glasses.Values.Any(volumeMl => volumeMl is < 10 or > 100_000))
        {
            yield return new("Venue:Glasses must have 10 to 100000 mL each.", [nameof(Glasses)]);
        }
    }

    /// <summary>The volume of a glass by its name, in mL; null where it is not set.</summary>
    public decimal? GlassMl(string name)
    {
        var glass = Glasses.FirstOrDefault(glass => glass.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
        return glass.Key is null ? null : glass.Value;
    }
}

/// <summary>Checks <see cref="VenueOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class VenueOptionsValidator : IValidateOptions<VenueOptions>;
