using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Tap.Simulator.Evening;

/// <summary>An evening in fast time, in which beer goes where no sale tells of it. Configuration section <c>Simulator:Evening</c>.</summary>
/// <remarks>Each cause is at a tap of its own, in the order of these options from the first tap on; fewer taps have fewer causes.
/// The meter of the fifth tap begins anew at zero in the middle of the evening, and that of the sixth is full at 32 bits. The till forgets at all.</remarks>
internal sealed class EveningOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Simulator:Evening";

    /// <summary>Whether this is such an evening.</summary>
    public bool Enabled { get; set; }

    /// <summary>How long it is. It begins now, and the API believes no time more than a day ahead.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "20:00:00")]
    public TimeSpan Length { get; set; } = TimeSpan.FromHours(6);

    /// <summary>Pulses that the meter of the first tap really gives for a litre; it is calibrated as all others are.</summary>
    [Range(100, 100_000)]
    public int TruePulsesPerLitre { get; set; } = 414;

    /// <summary>What leaks at the second tap in the last two thirds of the evening, in mL a minute.</summary>
    [Range(0, 1_000)]
    public int LeakMlPerMinute { get; set; } = 20;

    /// <summary>Most pulses that drip after each pour of the third tap.</summary>
    [Range(0, 100)]
    public int DripPulses { get; set; } = 6;

    /// <summary>Short flows of foam at the end of the fourth tap's keg.</summary>
    [Range(0, 10)]
    public int FoamFlows { get; set; } = 6;

    /// <summary>Of how many sales the till forgets one; 0 for none.</summary>
    [Range(0, 10_000)]
    public int ForgetSaleEvery { get; set; } = 50;
}

/// <summary>Checks <see cref="EveningOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class EveningOptionsValidator : IValidateOptions<EveningOptions>;
