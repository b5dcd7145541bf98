using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Consumer.Worker;

/// <summary>How the worker reads the stream. Configuration section <c>Store</c>.</summary>
internal sealed class StoreConsumerOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Store";

    /// <summary>Most entries in one batch, and so in one transaction.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 1_000;

    /// <summary>Longest pause after failed turns; the first is a hundredth of it, each further one twice the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>Checks <see cref="StoreConsumerOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class StoreConsumerOptionsValidator : IValidateOptions<StoreConsumerOptions>;
