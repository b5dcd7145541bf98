using Microsoft.Extensions.Options;
using Taproom.Ingest;

namespace Consumer.Worker.Archive;

/// <summary>
/// Archives each partition that this worker holds, beside the store and at its own pace. Without an archive it removes the group, which
/// would hold up the trimming.
/// </summary>
internal sealed partial class ArchiveConsumer(
    IServiceProvider services,
    ConsumerGroups groups,
    PartitionLeases leases,
    ArchiveHealth health,
    IOptions<ArchiveOptions> options,
    TimeProvider time,
    ILogger<ArchiveConsumer> logger
) : BackgroundService
{
    private readonly Dictionary<int, Task> _work = [];

    /// <summary>Removes the group of a partition.</summary>
    internal async Task RemoveAsync(int partition)
    {
        if (await groups.Of(partition, ConsumerGroups.Archive).DestroyAsync() is { } waiting)
        {
            LogRemoved(partition, waiting);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isOn = options.Value.Path is not null;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                foreach (var (partition, work) in _work.Where(item => item.Value.IsCompleted).ToList())
                {
                    // A group is removed once while its partition is held.
                    if (isOn || work.IsFaulted || !leases.Held.Contains(partition))
                    {
                        _work.Remove(partition);
                        health.Set(ArchiveWriter.PartOf(partition), null);
                    }
                }

                foreach (var partition in leases.Held.Where(partition => !_work.ContainsKey(partition)))
                {
                    _work[partition] = isOn ? Task.Run(() => Consumer(partition).RunAsync(stoppingToken), stoppingToken) : RemoveAsync(partition);
                }

                await Task.Delay(PartitionLeases.Period, time, stoppingToken);
            }
        }
        finally
        {
            // This service stops before the one that gives the partitions back: what it has written is acknowledged by then.
            await Task.WhenAll(_work.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private PartitionConsumer Consumer(int partition) =>
        ActivatorUtilities.CreateInstance<PartitionConsumer>(services, partition, ConsumerGroups.Archive, options.Value.BatchInterval);

    [LoggerMessage(
        LogLevel.Warning,
        "No archive is kept (Archive:Path is not set): removed the group of partition {Partition}, which had {Waiting} entries to read."
    )]
    private partial void LogRemoved(int partition, long waiting);
}
