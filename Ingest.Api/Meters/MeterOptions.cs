using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ingest.Api.Meters;

/// <summary>How meters are polled. Configuration section <c>Meters</c>.</summary>
internal sealed class MeterOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Meters";

    /// <summary>From the start of a poll of a meter to the start of the next.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>How long a meter may take to answer; less than <see cref="Period"/>, so that polls of one meter never overlap.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most polls that one replica has under way.</summary>
    [Range(1, 100_000)]
    public int Concurrency { get; set; } = 1_000;

    /// <summary>Start of the Redis keys by which one replica at a time polls a meter.</summary>
    [Required]
    public string LeaseKey { get; set; } = "taproom:meter-lease";
}

/// <summary>Checks <see cref="MeterOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class MeterOptionsValidator : IValidateOptions<MeterOptions>;
