using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>Moves the entries of one partition to where its group has them written, in order: write, then acknowledge.</summary>
/// <remarks>An entry is delivered at least once and its id is stored once, so a pour has its effect exactly once.</remarks>
internal sealed partial class PartitionConsumer(
    int partition,
    IOptions<ConfigurationOptions> connection,
    ConsumerGroups groups,
    PartitionLeases leases,
    IServiceScopeFactory scopes,
    IngestTelemetry telemetry,
    IOptions<StoreConsumerOptions> options,
    TimeProvider time,
    ILogger<PartitionConsumer> logger,
    string group = ConsumerGroups.Store,
    TimeSpan? batchInterval = null
)
{
    private static readonly TimeSpan FormerPeriod = TimeSpan.FromSeconds(10);

    private readonly StoreConsumerOptions _options = options.Value;
    private readonly BatchReader _reader = new(groups.Of(partition, group), options.Value, telemetry, time);
    private long? _formerSeenAt;

    /// <summary>Works until it is cancelled, or another worker holds the partition.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        LogHeld(group, partition, leases.Worker);
        await using var waiter = new StreamWaiter(connection);
        Task<Batch?>? next = null;
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TakeOverFormerAsync(stoppingToken);
                if (await (next ?? _reader.ReadAsync()) is not { } batch)
                {
                    LogLost(group, partition);
                    return;
                }

                if (batch.Entries.Count == 0)
                {
                    next = null;
                    await _reader.WaitAsync(waiter, batch, stoppingToken);
                    continue;
                }

                // While entries wait, the next batch is read as this one is written; else those that come soon come together.
                var startedAt = time.GetTimestamp();
                var isFull = batch.Entries.Count == _options.BatchSize;
                next = isFull ? _reader.ReadAsync() : null;
                await WriteAsync(_reader, batch, stoppingToken);
                failures = 0;
                if (!isFull && (batchInterval ?? _options.BatchInterval) - time.GetElapsedTime(startedAt) is { Ticks: > 0 } pause)
                {
                    await Task.Delay(pause, time, stoppingToken);
                }
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                await EndAsync(next);
                next = null;
                _reader.BeginAgain();
                var delay = Backoff.After(++failures, _options.MaxBackoff);
                LogBatchFailed(ex, group, partition, failures, delay);
                await Task.Delay(delay, time, stoppingToken);
            }
        }

        await EndAsync(next);
    }

    /// <summary>One turn: reads a batch, stores it and acknowledges it.</summary>
    /// <returns>The number of entries read.</returns>
    internal async Task<int> ConsumeAsync(CancellationToken cancellationToken) => await ConsumeAsync(_reader, cancellationToken);

    private async Task<int> ConsumeAsync(BatchReader reader, CancellationToken cancellationToken)
    {
        if (await reader.ReadAsync() is not { Entries.Count: > 0 } batch)
        {
            return 0;
        }

        await WriteAsync(reader, batch, cancellationToken);
        return batch.Entries.Count;
    }

    /// <summary>Stores what another layout of the stream has left for this partition; front doors of before may still add to it.</summary>
    internal async Task TakeOverFormerAsync(CancellationToken cancellationToken)
    {
        if (_formerSeenAt is { } seenAt && time.GetElapsedTime(seenAt) < FormerPeriod)
        {
            return;
        }

        _formerSeenAt = time.GetTimestamp();
        foreach (var former in await groups.FormerOfAsync(partition, group))
        {
            var (reader, stored) = (new BatchReader(former, _options, telemetry, time), 0);
            while (await ConsumeAsync(reader, cancellationToken) is > 0 and var count)
            {
                stored += count;
            }

            LogTakenOver(group, stored, former.Stream, partition, await former.RemoveAsync());
        }
    }

    private async Task WriteAsync(BatchReader reader, Batch batch, CancellationToken cancellationToken)
    {
        using var activity = reader.Group.StartReceive(batch.Entries, batch.ReadAt);
        await using var scope = scopes.CreateAsyncScope();
        var writer = scope.ServiceProvider.GetRequiredKeyedService<IBatchWriter>(group);
        try
        {
            await writer.WriteAsync(reader.Group, batch, activity, cancellationToken);
        }
        catch (Exception ex)
        {
            // Its entries are read again, so none of them has failed.
            activity.Failed(ex);
            throw;
        }
    }

    /// <summary>Waits for a read that nobody needs any more.</summary>
    private static async Task EndAsync(Task? read) => await (read ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(LogLevel.Information, "Group {Group} reads partition {Partition} as worker {Worker}.")]
    private partial void LogHeld(string group, int partition, string worker);

    [LoggerMessage(LogLevel.Information, "Group {Group} stops: another worker holds partition {Partition} now.")]
    private partial void LogLost(string group, int partition);

    [LoggerMessage(
        LogLevel.Warning,
        "Group {Group} has read {Count} entries of the former stream {Stream} for partition {Partition}; nothing more waits there and it is removed: {IsRemoved}."
    )]
    private partial void LogTakenOver(string group, int count, RedisKey stream, int partition, bool isRemoved);

    [LoggerMessage(LogLevel.Error, "Group {Group} failed to write a batch of partition {Partition} {Failures} times in a row; next try in {Delay}.")]
    private partial void LogBatchFailed(Exception exception, string group, int partition, int failures, TimeSpan delay);
}
