using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>Keeps the stream short and its lag known. Every worker does it; doing it twice does no harm.</summary>
internal sealed partial class StreamUpkeep(
    StreamTrimmer trimmer,
    ConsumerGroup group,
    StoreMetrics metrics,
    TimeProvider time,
    ILogger<StreamUpkeep> logger
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    // A worker that lives asks for entries far more often.
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await trimmer.TrimAsync();
                await group.ForgetConsumersAsync(ForgetAfter);
                metrics.LagRead(await group.LagAsync());
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
