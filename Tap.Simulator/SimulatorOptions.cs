using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Taproom.Simulator;

/// <summary>How many taps there are and how busy they are. Configuration section <c>Simulator</c>.</summary>
internal sealed class SimulatorOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Simulator";

    /// <summary>Number of taps; their ids are 1 to this.</summary>
    [Range(0, 10_000)]
    public int Taps { get; set; } = 3;

    /// <summary>Shortest pause between two pours of a tap.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan MinPause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest pause between two pours of a tap; not less than <see cref="MinPause"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan MaxPause { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>Seed of volumes and pauses, for the same evening again; without one every run is another evening.</summary>
    public int? Seed { get; set; }

    /// <summary>Most pours that a tap keeps for a bridge that does not take them; a tap that has more stops pouring.</summary>
    [Range(1, 100_000)]
    public int MaxUnsent { get; set; } = 1_000;

    /// <summary>How long an attempt to connect may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest pause between attempts to connect; the first is a hundredth of it, each further one twice the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>Checks <see cref="SimulatorOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class SimulatorOptionsValidator : IValidateOptions<SimulatorOptions>;
