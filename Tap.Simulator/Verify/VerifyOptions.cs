using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Tap.Simulator.Verify;

/// <summary>A bounded run whose pours are looked up in the API at its end. Configuration section <c>Simulator:Verify</c>.</summary>
internal sealed class VerifyOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Simulator:Verify";

    /// <summary>Whether this is such a run; else the taps pour for ever.</summary>
    public bool Enabled { get; set; }

    /// <summary>How long the taps pour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "7.00:00:00")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the taps may take after that to get their last receipts.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "7.00:00:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>Checks <see cref="VerifyOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class VerifyOptionsValidator : IValidateOptions<VerifyOptions>;
