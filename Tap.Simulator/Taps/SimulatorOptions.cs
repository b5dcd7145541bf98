using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Tap.Simulator.Taps;

/// <summary>How many taps there are and how busy they are. Configuration section <c>Simulator</c>.</summary>
internal sealed class SimulatorOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Simulator";

    /// <summary>Number of taps; their ids go on from <see cref="FirstTap"/>.</summary>
    [Range(0, 10_000)]
    public int Taps { get; set; } = 3;

    /// <summary>Id of the first tap.</summary>
    [Range(1, 1_000_000_000)]
    public int FirstTap { get; set; } = 1;

    /// <summary>Pours a second of all taps together, each a little early or late; null for <see cref="MinPause"/> to <see cref="MaxPause"/>.</summary>
    [Range(0.001, 100_000)]
    public double? Rate { get; set; }

    /// <summary>Shortest pause between two pours of a tap.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan MinPause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest pause between two pours of a tap; not less than <see cref="MinPause"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan MaxPause { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>Hours at which the taps pour faster or slower, as <see cref="Taps.RushHours"/> reads them; empty for a day without any.</summary>
    public string Rush { get; set; } = "";

    /// <summary>Calibration of the flow meters: pulses for a litre.</summary>
    [Range(100, 100_000)]
    public int PulsesPerLitre { get; set; } = FlowMeter.UsualPulsesPerLitre;

    /// <summary>Seed of volumes, pauses and faults, for the same evening again; without one every run is another evening.</summary>
    public int? Seed { get; set; }

    /// <summary>Folder of the taps' journals; without one they are kept in memory, and lost with the process.</summary>
    public string? JournalPath { get; set; }

    /// <summary>Most pours that a tap keeps without a receipt; a tap that has more stops pouring.</summary>
    [Range(1, 100_000)]
    public int MaxUnsent { get; set; } = 1_000;

    /// <summary>How long the receipt of an acknowledged pour may take before the pour is sent again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan ResendAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often each tap sends a reading of its sensors; null for never. Over MQTT only.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan? ReadingsEvery { get; set; }

    /// <summary>Longest time that a tap reads nothing, where <see cref="FaultOptions.StopReading"/> has it do so.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan StopReadingFor { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary><see cref="Rush"/>, read.</summary>
    public RushHours RushHours =>
        RushHours.TryParse(Rush, out var hours) ? hours : throw new InvalidOperationException("The rush hours were not validated.");

    /// <summary>The mean of all pauses between two pours of a tap, outside rush hours.</summary>
    public TimeSpan MeanPause => Rate is { } rate ? TimeSpan.FromSeconds(Taps / rate) : (MinPause + MaxPause) / 2;

    /// <summary>A random source: of one seed always the same for a tap and a purpose, however many taps and purposes there are.</summary>
    /// <param name="tapId">The tap.</param>
    /// <param name="purpose">What is drawn from it.</param>
    public Random RandomFor(int tapId, string purpose) =>
        Seed is { } seed
            // .NET's own hashes differ from process to process.
            ? new Random(purpose.Aggregate(unchecked((seed * 397) ^ tapId), (hash, letter) => unchecked((hash * 31) + letter)))
            : new Random();

    /// <summary>A pause between two pours.</summary>
    public TimeSpan Pause(Random random)
    {
        var (shortest, longest) = Rate is null ? (MinPause, MaxPause) : (MeanPause / 2, MeanPause * 1.5);
        return shortest + ((longest - shortest) * random.NextDouble());
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxPause < MinPause)
        {
            yield return new ValidationResult("The longest pause must not be shorter than the shortest one.");
        }

        if (!RushHours.TryParse(Rush, out _))
        {
            yield return new ValidationResult("Rush hours must be 'evening' or like 17-19=1.5,19:30-23=2.5 with factors above 0, up to 100.");
        }
    }
}

/// <summary>Checks <see cref="SimulatorOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class SimulatorOptionsValidator : IValidateOptions<SimulatorOptions>;
