using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Tap.Simulator.Taps;

/// <summary>How often taps misbehave, each fault as a probability for each pour, 0 to 1. Configuration section <c>Simulator:Faults</c>.</summary>
internal sealed class FaultOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Simulator:Faults";

    /// <summary>The connection breaks off, without a DISCONNECT, between a pour's PUBLISH and its PUBACK.</summary>
    [Range(0, 1)]
    public double DropConnection { get; set; }

    /// <summary>The power fails in the middle of a pour: the glass has what flowed until then, and only the journal survives.</summary>
    [Range(0, 1)]
    public double StopMidPour { get; set; }

    /// <summary>A pour is sent a second time although it was acknowledged.</summary>
    [Range(0, 1)]
    public double SendTwice { get; set; }

    /// <summary>A pour is held back until later ones have overtaken it.</summary>
    [Range(0, 1)]
    public double OutOfOrder { get; set; }

    /// <summary>The tap's clock is wrong by up to twelve hours either way.</summary>
    [Range(0, 1)]
    public double SkewClock { get; set; }

    /// <summary>How wrong the clocks of all taps are, all the time; negative for behind.</summary>
    [Range(typeof(TimeSpan), "-36500.00:00:00", "36500.00:00:00")]
    public TimeSpan ClockSkew { get; set; }

    /// <summary>A pour with the id of another tap's stored pour goes before the good one.</summary>
    [Range(0, 1)]
    public double CopyId { get; set; }

    /// <summary>A payload that was cut short goes before the good one.</summary>
    [Range(0, 1)]
    public double Corrupt { get; set; }

    /// <summary>The tap reads nothing from its connection for a while, <see cref="SimulatorOptions.StopReadingFor"/> at most.</summary>
    [Range(0, 1)]
    public double StopReading { get; set; }
}

/// <summary>Checks <see cref="FaultOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class FaultOptionsValidator : IValidateOptions<FaultOptions>;
