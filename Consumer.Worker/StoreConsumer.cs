using Microsoft.Extensions.Options;
using Taproom;
using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>Moves entries from the stream to Postgres: store, then tell, then acknowledge.</summary>
/// <remarks>An entry is delivered at least once and its id is stored once, so a pour has its effect exactly once.</remarks>
internal sealed partial class StoreConsumer(
    ConsumerGroup group,
    SchemaUpgrade schema,
    IServiceScopeFactory scopes,
    IngestTelemetry telemetry,
    IOptions<StoreConsumerOptions> options,
    TimeProvider time,
    ILogger<StoreConsumer> logger
) : BackgroundService
{
    private const string Oldest = "0-0";

    private readonly StoreConsumerOptions _options = options.Value;

    // Where to go on reading this consumer's own pending entries, which come before new ones; null when there are none.
    private string? _pendingAfter;
    private bool _someAreStuck;
    private long _claimedAt;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogStarted(group.Consumer);
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var read = await ConsumeBatchAsync(stoppingToken);
                failures = 0;
                if (read == 0)
                {
                    await Task.Delay(_options.IdleDelay, time, stoppingToken);
                }
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                // Nothing was acknowledged, so the batch stays pending and is read again.
                _pendingAfter = Oldest;
                var delay = Backoff.After(++failures, _options.MaxBackoff);
                LogBatchFailed(ex, failures, delay);
                await Task.Delay(delay, time, stoppingToken);
            }
        }
    }

    /// <summary>One turn: reads a batch, stores it and acknowledges it.</summary>
    /// <returns>The number of entries read.</returns>
    internal async Task<int> ConsumeBatchAsync(CancellationToken cancellationToken)
    {
        await schema.EnsureAsync(cancellationToken);

        var startedAt = time.GetUtcNow();
        var timestamp = time.GetTimestamp();
        var batch = await ReadAsync();
        if (batch.Count == 0)
        {
            return 0;
        }

        telemetry.Received(batch.Count, time.GetElapsedTime(timestamp));
        using var activity = IngestTelemetry.StartReceive(batch, group.Name, group.Consumer, startedAt);
        await using var scope = scopes.CreateAsyncScope();
        var isDone = await scope.ServiceProvider.GetRequiredService<BatchWriter>().WriteAsync(batch, activity, cancellationToken);
        _someAreStuck |= !isDone;
        return batch.Count;
    }

    private async Task<IReadOnlyList<Delivery>> ReadAsync()
    {
        if (_pendingAfter is { } after)
        {
            var own = await group.ReadPendingAsync(after, _options.BatchSize);
            _pendingAfter = own.Count > 0 ? own[^1].Position : null;
            if (own.Count > 0)
            {
                return own;
            }
        }

        if (_claimedAt == 0 || time.GetElapsedTime(_claimedAt) >= _options.ClaimAfter / 2)
        {
            _claimedAt = time.GetTimestamp();
            if (_someAreStuck)
            {
                (_someAreStuck, _pendingAfter) = (false, Oldest);
            }

            var abandoned = await group.ClaimAbandonedAsync(_options.ClaimAfter, _options.BatchSize);
            if (abandoned.Count > 0)
            {
                // There may be more than one batch of them.
                _claimedAt = 0;
                LogClaimed(abandoned.Count);
                return abandoned;
            }
        }

        return await group.ReadNewAsync(_options.BatchSize);
    }

    [LoggerMessage(LogLevel.Information, "Storing entries as consumer {Consumer}.")]
    private partial void LogStarted(string consumer);

    [LoggerMessage(LogLevel.Warning, "Took over {Count} entries of a consumer that died.")]
    private partial void LogClaimed(int count);

    [LoggerMessage(LogLevel.Error, "Storing a batch failed {Failures} times in a row; next try in {Delay}.")]
    private partial void LogBatchFailed(Exception exception, int failures, TimeSpan delay);
}
