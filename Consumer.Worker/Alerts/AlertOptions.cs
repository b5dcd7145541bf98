using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Consumer.Worker.Alerts;

/// <summary>What is worth an alert. Configuration section <c>Alerts</c>.</summary>
internal sealed class AlertOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Alerts";

    private const string Day = "1.00:00:00";

    /// <summary>How often the rules are looked at.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A keg is empty soon that has so little left for the pace of the last hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", Day)]
    public TimeSpan EmptySoon { get; set; } = TimeSpan.FromMinutes(45);

    /// <summary>When a tap should be online, as <c>16:00-02:00</c> on the clock of <see cref="TimeZone"/>; null for no alert when it is not.</summary>
    [RegularExpression(@"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", ErrorMessage = "Alerts:OpeningHours must be like 16:00-02:00.")]
    public string? OpeningHours { get; set; }

    /// <summary>IANA name of the time zone of the bar.</summary>
    [Required]
    public string TimeZone { get; set; } = "Etc/UTC";

    /// <summary>How long a tap that was connected must be away.</summary>
    [Range(typeof(TimeSpan), "00:00:00", Day)]
    public TimeSpan OfflineFor { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The coldest that the beer at a tap may be, in °C.</summary>
    [Range(-50.0, 100.0)]
    public double MinTemperatureC { get; set; }

    /// <summary>The warmest that the beer at a tap may be, in °C.</summary>
    [Range(-50.0, 100.0)]
    public double MaxTemperatureC { get; set; } = 10;

    /// <summary>How long it must have been colder or warmer.</summary>
    [Range(typeof(TimeSpan), "00:00:00", Day)]
    public TimeSpan TemperatureFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a tap must say that beer flows without reporting a pour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", Day)]
    public TimeSpan FlowFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>So many dead letters of one tap within an hour.</summary>
    [Range(1, 500)]
    public int DeadLetters { get; set; } = 10;

    /// <summary>More dead letters than this, of whatever age and device, make the health of the worker degraded.</summary>
    [Range(0, 10_000_000)]
    public long AllDeadLetters { get; set; } = 1_000;

    /// <summary>How long all polls of a meter must have failed.</summary>
    [Range(typeof(TimeSpan), "00:00:00", Day)]
    public TimeSpan MeterFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an accepted entry may wait to be stored.</summary>
    [Range(typeof(TimeSpan), "00:00:01", Day)]
    public TimeSpan LineAge { get; set; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
        {
            yield return new($"Alerts:TimeZone must be an IANA name such as Europe/Berlin, not {TimeZone}.", [nameof(TimeZone)]);
        }

        if (MinTemperatureC > MaxTemperatureC)
        {
            yield return new("Alerts:MinTemperatureC must not be above Alerts:MaxTemperatureC.", [nameof(MinTemperatureC)]);
        }
    }

    /// <summary>Whether the bar is open, by <see cref="OpeningHours"/>; those over midnight end on the next day.</summary>
    public bool IsOpen(DateTimeOffset now)
    {
        if (OpeningHours is null)
        {
            return false;
        }

        var clock = TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(TimeZone)).DateTime);
        var hours = OpeningHours.Split('-');
        var (from, to) = (TimeOnly.ParseExact(hours[0], "HH:mm"), TimeOnly.ParseExact(hours[1], "HH:mm"));
        // The same time twice is all day.
        return from == to || clock.IsBetween(from, to);
    }
}

/// <summary>Checks <see cref="AlertOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class AlertOptionsValidator : IValidateOptions<AlertOptions>;
