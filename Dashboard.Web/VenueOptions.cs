using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Dashboard.Web;

/// <summary>Units of volumes and temperatures on the pages.</summary>
internal enum UnitSystem
{
    /// <summary>mL, L and °C.</summary>
    Metric,

    /// <summary>US fluid ounces and pints, and °F.</summary>
    Us,
}

/// <summary>The house whose taps are shown. Configuration section <c>Venue</c>.</summary>
internal sealed class VenueOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Venue";

    /// <summary>Cookie that holds a visitor's choice of units, by their name.</summary>
    public const string UnitsCookie = "taproom-units";

    /// <summary>Units for who has not chosen any.</summary>
    [EnumDataType(typeof(UnitSystem))]
    public UnitSystem Units { get; set; }

    /// <summary>IANA name of the time zone of the house, which all times are then shown in; null for each visitor's own.</summary>
    public string? TimeZone { get; set; }

    /// <summary>When a business day ends: at 04:00, what is poured at 02:00 belongs to the day before. As Ingest.Api has it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "23:59:59")]
    public TimeSpan DayEnds { get; set; } = TimeSpan.FromHours(4);

    /// <summary>The money of costs and prices: an ISO 4217 code, as Ingest.Api has it.</summary>
    [RegularExpression("[A-Z]{3}", ErrorMessage = "Venue:Currency must be an ISO 4217 code of three capital letters, such as EUR.")]
    public string Currency { get; set; } = "EUR";

    /// <summary>Units for a visitor.</summary>
    public UnitSystem UnitsOf(HttpRequest request) =>
        request.Cookies[UnitsCookie] switch
        {
            "us" => UnitSystem.Us,
            "metric" => UnitSystem.Metric,
            _ => Units,
        };

    /// <summary>The business day of a moment, as Ingest.Api reckons it: by UTC where there is no time zone.</summary>
    /// <param name="at">The moment; not on the first day or the last of the calendar.</param>
    public DateOnly BusinessDay(DateTimeOffset at) =>
        DateOnly.FromDateTime((TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(TimeZone ?? "UTC")) - DayEnds).DateTime);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (TimeZone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
        {
            yield return new($"Venue:TimeZone must be an IANA name such as Europe/Berlin, not {TimeZone}.", [nameof(TimeZone)]);
        }
    }
}

/// <summary>Checks <see cref="VenueOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class VenueOptionsValidator : IValidateOptions<VenueOptions>;
