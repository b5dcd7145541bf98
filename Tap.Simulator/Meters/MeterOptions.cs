using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Tap.Simulator.Meters;

/// <summary>The meters that are served over HTTP, and how they misbehave. Configuration section <c>Simulator:Meters</c>.</summary>
internal sealed class MeterOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Simulator:Meters";

    /// <summary>Number of meters, of kind <c>rainforest</c> and <c>json</c> by turns.</summary>
    [Range(0, 10_000)]
    public int Count { get; set; }

    /// <summary>Number of the first meter; with leading zeros, to six digits, it is the meter's id.</summary>
    [Range(1, 900_000)]
    public int First { get; set; } = 1;

    /// <summary>User name of all meters.</summary>
    [Required]
    public string User { get; set; } = "simulator";

    /// <summary>Password of all meters; null for one that only this process knows, and the API that it registers them at.</summary>
    public string? Password { get; set; }

    /// <summary>Whether they are registered at the API.</summary>
    public bool Register { get; set; }

    /// <summary>Where the API finds them; null for this process's own address.</summary>
    public Uri? Address { get; set; }

    /// <summary>Demand at the busiest hour of the day, in kW.</summary>
    [Range(0.001, 10_000)]
    public double PeakKw { get; set; } = 6;

    /// <summary>Chance, at each poll, that the answer takes <see cref="SlowFor"/>.</summary>
    [Range(0, 1)]
    public double Slow { get; set; }

    /// <summary>How long a slow answer takes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan SlowFor { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Chance, at each poll, that the answer is an error.</summary>
    [Range(0, 1)]
    public double Error { get; set; }

    /// <summary>Chance, at each poll, that the answer breaks off in the middle, so that it is neither XML nor JSON.</summary>
    [Range(0, 1)]
    public double Garbled { get; set; }

    /// <summary>Chance, at each poll, that the connection is closed without an answer.</summary>
    [Range(0, 1)]
    public double Refuse { get; set; }
}

/// <summary>Checks <see cref="MeterOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class MeterOptionsValidator : IValidateOptions<MeterOptions>;
