using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Taproom.Ingest;

/// <summary>The ingest stream in Redis: where it is and how long it may grow. Configuration section <c>Ingest</c>.</summary>
public sealed class IngestOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Ingest";

    /// <summary>Key of the stream that every front door appends to.</summary>
    [Required]
    public string StreamKey { get; set; } = "taproom:ingest";

    /// <summary>Key of the stream of dead letters.</summary>
    [Required]
    public string DeadKey { get; set; } = "taproom:dead";

    /// <summary>Pub/sub channel on which workers tell what they have committed.</summary>
    [Required]
    public string ReceiptChannel { get; set; } = "taproom:receipts";

    /// <summary>Pub/sub channel on which deleted pours are told.</summary>
    [Required]
    public string DeletionChannel { get; set; } = "taproom:deletions";

    /// <summary>Key of the hash that holds the registry's tokens for every front door.</summary>
    [Required]
    public string TokensKey { get; set; } = "taproom:tokens";

    /// <summary>Key of the hash of the taps that are connected to a bridge, or online at the broker that it has joined.</summary>
    [Required]
    public string PresenceKey { get; set; } = "taproom:presence";

    /// <summary>Prefix of the keys of the commands that wait for taps, and the pub/sub channel on which new ones are told.</summary>
    [Required]
    public string CommandsKey { get; set; } = "taproom:commands";

    /// <summary>Pub/sub channel on which the shares report is told to taps.</summary>
    [Required]
    public string ReportChannel { get; set; } = "taproom:reports";

    /// <summary>Stream length, in entries, from which the front doors take nothing more until the workers have caught up.</summary>
    [Range(1, long.MaxValue)]
    public long HighWaterMark { get; set; } = 2_000_000;

    /// <summary>How old an acknowledged entry must be to be trimmed; live readers that lag less than this miss nothing.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an id is remembered that was appended with the promise to append it once; then the store knows it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RememberFor { get; set; } = TimeSpan.FromMinutes(10);
}

/// <summary>Checks <see cref="IngestOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class IngestOptionsValidator : IValidateOptions<IngestOptions>;
