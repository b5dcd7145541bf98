using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Mqtt.Bridge.HomeAssistant;

/// <summary>Whether and how taps are announced to Home Assistant. Configuration section <c>HomeAssistant</c>.</summary>
internal sealed class HomeAssistantOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "HomeAssistant";

    /// <summary>Whether registered taps are announced, on the bridge's own listener and on the broker that it has joined.</summary>
    public bool Enabled { get; set; }

    /// <summary>The discovery prefix, as Home Assistant's MQTT integration has it.</summary>
    [RegularExpression("[A-Za-z0-9_-]{1,50}")]
    public string DiscoveryPrefix { get; set; } = "homeassistant";

    /// <summary>On the clock of which time zone a day begins; an IANA name.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>The state of a tap is published at most once in this time.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>User name by which Home Assistant may connect to the listener and only read; null for none. Not a number, which would be a tap.</summary>
    [StringLength(100, MinimumLength = 1)]
    public string? User { get; set; }

    /// <summary>Its password.</summary>
    /// <remarks>No attribute checks it: the sentence about a wrong value would repeat it.</remarks>
    public string? Password { get; set; }

    /// <summary>The time zone; the name is checked at start.</summary>
    public TimeZoneInfo Zone => TimeZoneInfo.FindSystemTimeZoneById(TimeZone);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
        {
            yield return new($"HomeAssistant:TimeZone must be an IANA name such as Europe/Berlin, not {TimeZone}.", [nameof(TimeZone)]);
        }

        if (string.IsNullOrEmpty(User) != string.IsNullOrEmpty(Password))
        {
            yield return new("HomeAssistant:User and HomeAssistant:Password must be set together.", [nameof(User)]);
        }

        if (!string.IsNullOrEmpty(User) && User.All(char.IsAsciiDigit))
        {
            yield return new("HomeAssistant:User must not be a number: that is the user name of a tap.", [nameof(User)]);
        }
    }
}

/// <summary>Checks <see cref="HomeAssistantOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class HomeAssistantOptionsValidator : IValidateOptions<HomeAssistantOptions>;
