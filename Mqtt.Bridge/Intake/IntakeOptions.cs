using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Mqtt.Bridge.Intake;

/// <summary>What the bridge takes from taps. Configuration section <c>Mqtt</c>.</summary>
internal sealed class IntakeOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Mqtt";

    /// <summary>
    /// Largest packet taken, in bytes. MQTT 5 is told so (Maximum Packet Size) and disconnected above (0x95). MQTT 3.1.1 cannot be
    /// told: up to four times as much is acknowledged and set aside without its rest, then its connection ends too.
    /// </summary>
    [Range(1_024, 16 * 1_024 * 1_024)]
    public int MaxPacketSize { get; set; } = 64 * 1_024;

    /// <summary>Longest pause between attempts to append a held message; the first is a hundredth of it, then twice the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>Checks <see cref="IntakeOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class IntakeOptionsValidator : IValidateOptions<IntakeOptions>;
