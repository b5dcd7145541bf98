using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ServiceDefaults;

/// <summary>How much a service traces. Configuration section <c>Tracing</c>.</summary>
public sealed class TracingOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Tracing";

    /// <summary>Traces a second of which this service keeps its part: all at human rates, some under load.</summary>
    [Range(1, 1_000_000)]
    public int TracesPerSecond { get; set; } = 100;
}

/// <summary>Checks <see cref="TracingOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class TracingOptionsValidator : IValidateOptions<TracingOptions>;
