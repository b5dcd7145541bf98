using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>Keeps the partitions that this worker holds short, and their lag known.</summary>
internal sealed partial class StreamUpkeep(
    StreamTrimmer trimmer,
    ConsumerGroups groups,
    PartitionLeases leases,
    StoreMetrics metrics,
    TimeProvider time,
    ILogger<StreamUpkeep> logger
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var lag = groups.Names.ToDictionary(name => name, _ => 0L);
                foreach (var partition in leases.Held)
                {
                    await trimmer.TrimAsync(partition);
                    foreach (var name in groups.Names)
                    {
                        lag[name] += await groups.Of(partition, name).LagAsync();
                    }
                }

                foreach (var (name, entries) in lag)
                {
                    metrics.LagRead(name, entries);
                }
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(ex.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Upkeep of the stream failed: {Message}")]
    private partial void LogFailed(string message);
}
