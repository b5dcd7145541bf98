using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Store;

namespace Taproom.Api.Meters;

/// <summary>Polls every active meter once per period, at one replica at a time; a reading goes into the stream.</summary>
/// <remarks>Polls run side by side and each has its timeout, so a meter that hangs delays no other.</remarks>
internal sealed partial class MeterPoller(
    MeterClient client,
    IngestStream stream,
    IConnectionMultiplexer redis,
    IServiceScopeFactory scopes,
    IOptions<MeterOptions> options,
    TimeProvider time,
    ILogger<MeterPoller> logger) : BackgroundService
{
    // A little less than the period, so that the holder's next turn finds its lease over.
    private static readonly TimeSpan LeaseMargin = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Period, time);
        do
        {
            try
            {
                await PollAllAsync(stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(ex.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>One turn: polls each active meter whose lease is free.</summary>
    /// <returns>The number of meters polled here.</returns>
    internal async Task<int> PollAllAsync(CancellationToken cancellationToken)
    {
        List<Meter> meters;
        await using (var scope = scopes.CreateAsyncScope())
        {
            meters = await scope.ServiceProvider.GetRequiredService<TaproomDb>().Meters
                .Where(meter => meter.Active).ToListAsync(cancellationToken);
        }

        var polled = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(meters, parallel, async (meter, token) =>
        {
            if (await LeaseAsync(meter.Id))
            {
                Interlocked.Increment(ref polled);
                await PollAsync(meter, token);
            }
        });
        return polled;
    }

    /// <summary>Polls one meter now.</summary>
    /// <returns>The entry of its reading, or why there is none.</returns>
    public async Task<(IngestEntry? Entry, string? Error)> PollAsync(Meter meter, CancellationToken cancellationToken)
    {
        try
        {
            var body = await client.ReadAsync(meter, cancellationToken);
            var entry = time.NewEntry(EntryKinds.Reading, body) with { Tap = Meter.Device(meter.Id) };
            await stream.AppendAsync(entry, cancellationToken);
            return (entry, null);
        }
        catch (MeterException ex)
        {
            LogPollFailed(meter.Id, ex.Message);
            await RecordAsync(meter.Id, ex.Message, cancellationToken);
            return (null, ex.Message);
        }
    }

    private Task<bool> LeaseAsync(string id) => redis.GetDatabase().StringSetAsync(
        $"{options.Value.LeaseKey}:{id}", Environment.MachineName, options.Value.Period - LeaseMargin, When.NotExists);

    private async Task RecordAsync(string id, string error, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TaproomDb>().Meters.Where(meter => meter.Id == id)
            .ExecuteUpdateAsync(meter => meter.SetProperty(m => m.LastError, error), cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Meters are not polled at the moment: {Message}")]
    private partial void LogFailed(string message);

    [LoggerMessage(LogLevel.Debug, "Poll of meter {Meter} failed: {Message}")]
    private partial void LogPollFailed(string meter, string message);
}
