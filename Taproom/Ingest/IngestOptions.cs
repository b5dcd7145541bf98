using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>The ingest stream in Redis: where it is and how long it may grow. Configuration section <c>Ingest</c>.</summary>
public sealed class IngestOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Ingest";

    /// <summary>What every key and channel of this Taproom in Redis begins with; services that belong together have the same.</summary>
    [Required]
    public string Prefix { get; set; } = "taproom";

    /// <summary>Most partitions.</summary>
    public const int MaxPartitions = 64;

    /// <summary>The consumer group of each partition whose entries end in Postgres.</summary>
    public const string StoreGroup = "store";

    /// <summary>The consumer group of each partition whose entries end in the archive; there is none while no archive is kept.</summary>
    public const string ArchiveGroup = "archive";

    private RedisKey[]? _streamKeys;

    /// <summary>Into how many partitions the stream is divided; the same for all services that belong together.</summary>
    [Range(1, MaxPartitions)]
    public int Partitions { get; set; } = 4;

    /// <summary>Key of the hash that tells which worker holds which partition.</summary>
    public string LeasesKey => $"{Prefix}:partitions";

    /// <summary>Key of the sorted set of the workers that live, by when each has said so last.</summary>
    public string WorkersKey => $"{LeasesKey}:workers";

    /// <summary>Key of the sorted set of the bridges that live, by when each has said so last.</summary>
    public string BridgesKey => $"{Prefix}:bridges";

    /// <summary>Key of the hash that counts what has become of the entries, see <see cref="LineState"/>.</summary>
    public string AccountKey => $"{Prefix}:account";

    /// <summary>Key of the stream of dead letters.</summary>
    public string DeadKey => $"{Prefix}:dead";

    /// <summary>Pub/sub channel on which workers tell what they have committed.</summary>
    public string ReceiptChannel => $"{Prefix}:receipts";

    /// <summary>Pub/sub channel on which deleted pours are told.</summary>
    public string DeletionChannel => $"{Prefix}:deletions";

    /// <summary>Key of the hash that holds the registry's tokens for every front door.</summary>
    public string TokensKey => $"{Prefix}:tokens";

    /// <summary>Pub/sub channel on which is told which taps were changed in the registry, calibrated, or given another keg.</summary>
    public string TapChannel => $"{Prefix}:taps";

    /// <summary>Key of the hash of the taps that are connected to a bridge, or online at the broker that it has joined.</summary>
    public string PresenceKey => $"{Prefix}:presence";

    /// <summary>Prefix of the keys of the commands that wait for taps, and the pub/sub channel on which new ones are told.</summary>
    public string CommandsKey => $"{Prefix}:commands";

    /// <summary>Pub/sub channel on which the shares report is told, and key of the hash that remembers the newest.</summary>
    public string ReportChannel => $"{Prefix}:reports";

    /// <summary>Prefix of the keys by which bridges at an upstream broker agree on what each of them does there.</summary>
    public string UpstreamKey => $"{Prefix}:upstream";

    /// <summary>Prefix of the keys by which workers agree who uploads a file of the archive.</summary>
    public string ArchiveKey => $"{Prefix}:archive";

    /// <summary>
    /// Entries that wait to be stored, from which on the front doors take nothing more until the workers have caught up. While they take any, they
    /// look every half second, so what comes in such a time may go in beyond it.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long HighWaterMark { get; set; } = 2_000_000;

    /// <summary>Most dead letters; older ones are counted and gone.</summary>
    [Range(1, 10_000_000)]
    public long MaxDeadLetters { get; set; } = 100_000;

    /// <summary>Most bytes of Redis that dead letters take, about; older ones are counted and gone.</summary>
    [Range(100_000, long.MaxValue)]
    public long MaxDeadLetterBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>How long ago an entry must have been acknowledged to be trimmed; live readers that lag less than this miss nothing.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an id is remembered that was appended with the promise to append it once; then the store knows it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RememberFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The keys of the partitions' streams, in order.</summary>
    public IReadOnlyList<RedisKey> StreamKeys() => _streamKeys ??= [.. Enumerable.Range(0, Partitions).Select(StreamKey)];

    /// <summary>Key of the stream of the partition that an entry goes into: that of its device, so that what a device sends stays in order.</summary>
    public RedisKey StreamKeyOf(IngestEntry entry) => StreamKeyOf(entry.Tap, entry.Tap.Length > 0 ? null : entry.Id.ToString());

    /// <inheritdoc cref="StreamKeyOf(IngestEntry)" />
    /// <param name="device">The device; null or empty for none.</param>
    /// <param name="id">The entry's id, which decides where no device does.</param>
    internal RedisKey StreamKeyOf(string? device, string? id) => StreamKeys()[PartitionOf(string.IsNullOrEmpty(device) ? id ?? "" : device)];

    /// <summary>Keys of streams that a Taproom with one stream, or with more partitions, has left, and that this partition takes over.</summary>
    public IReadOnlyList<RedisKey> FormerStreamKeys(int partition) =>
        [
            .. partition == 0 ? [$"{Prefix}:ingest"] : Array.Empty<RedisKey>(),
            .. Enumerable.Range(Partitions, MaxPartitions - Partitions).Where(former => former % Partitions == partition).Select(StreamKey),
        ];

    private RedisKey StreamKey(int partition) => $"{Prefix}:ingest:{partition}";

    private int PartitionOf(string text)
    {
        // FNV-1a: the same in every process, which string.GetHashCode is not.
        var hash = 2_166_136_261;
        foreach (var character in text)
        {
            hash = (hash ^ character) * 16_777_619;
        }

        return (int)(hash % (uint)Partitions);
    }
}

/// <summary>Checks <see cref="IngestOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class IngestOptionsValidator : IValidateOptions<IngestOptions>;
