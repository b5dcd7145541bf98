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

    /// <summary>Least time from one batch of a partition to the next, unless the first was full: what comes alone is stored at once, and many small
    /// batches become few larger ones, which cost Postgres and Redis less for each pour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05")]
    public TimeSpan BatchInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause after failed turns; the first is a hundredth of it, each further one twice the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>Checks <see cref="StoreConsumerOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class StoreConsumerOptionsValidator : IValidateOptions<StoreConsumerOptions>;
