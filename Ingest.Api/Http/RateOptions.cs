using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ingest.Api.Http;

/// <summary>How much one caller may ask of one replica. Configuration section <c>RateLimit</c>.</summary>
internal sealed class RateOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "RateLimit";

    /// <summary>Requests per second that a caller may make for ever.</summary>
    [Range(1, 1_000_000)]
    public int PerSecond { get; set; } = 5_000;

    /// <summary>Requests that a caller may make at once after a pause.</summary>
    [Range(1, 1_000_000)]
    public int Burst { get; set; } = 10_000;
}

/// <summary>Checks <see cref="RateOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class RateOptionsValidator : IValidateOptions<RateOptions>;
