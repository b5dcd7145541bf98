using System.Diagnostics;
using Ingest.Api.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Store;

namespace Ingest.Api.Meters;

/// <summary>Polls every active meter once per period, at one replica at a time; a reading goes into the stream.</summary>
/// <remarks>Polls run side by side and each has its timeout, so a meter that hangs delays no other.</remarks>
internal sealed partial class MeterPoller(
    MeterClient client,
    IngestStream stream,
    IConnectionMultiplexer redis,
    IServiceScopeFactory scopes,
    IOptions<MeterOptions> options,
    TimeProvider time,
    ILogger<MeterPoller> logger
) : BackgroundService
{
    private static readonly ActivitySource Source = new("Ingest.Api");

    // A timer may end a moment before the clock says so.
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // By the clock, which replicas share: a turn that begins late does not make the next one late.
        var turn = 0L;
        while (!stoppingToken.IsCancellationRequested)
        {
            if (turn == CurrentTurn())
            {
                var next = new DateTimeOffset((turn + 1) * options.Value.Period.Ticks, TimeSpan.Zero) - time.GetUtcNow();
                await Task.Delay(next < MinDelay ? MinDelay : next, time, stoppingToken);
                continue;
            }

            turn = CurrentTurn();
            try
            {
                await PollAllAsync(stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(ex.Message);
            }
        }
    }

    /// <summary>One turn: polls each active meter whose lease for this turn is free.</summary>
    /// <returns>The number of meters polled here.</returns>
    internal async Task<int> PollAllAsync(CancellationToken cancellationToken)
    {
        var meters = await ActiveAsync(cancellationToken);
        var turn = CurrentTurn();
        var polled = 0;
        Exception? failure = null;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            meters,
            parallel,
            async (meter, token) =>
            {
                try
                {
                    if (await LeaseAsync(meter.Id, turn))
                    {
                        Interlocked.Increment(ref polled);
                        await PollAsync(meter, token);
                    }
                }
                catch (Exception ex) when (!token.IsCancellationRequested)
                {
                    // It would cancel the polls of all others.
                    failure = ex;
                }
            }
        );
        if (failure is not null)
        {
            LogFailed(failure.Message);
        }

        return polled;
    }

    /// <summary>Polls one meter now.</summary>
    /// <returns>The entry of its reading, or why there is none.</returns>
    public async Task<(IngestEntry? Entry, string? Error)> PollAsync(Meter meter, CancellationToken cancellationToken)
    {
        // One trace from the question to the stored reading.
        using var activity = Source.StartActivity("poll meter")?.SetTag("taproom.meter.id", meter.Id);
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
            activity?.SetStatus(ActivityStatusCode.Error, ex.Message).SetTag("error.type", ex.ErrorType);
            await RecordAsync(meter.Id, ex.Message, cancellationToken);
            return (null, ex.Message);
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            activity.Failed(ex);
            throw;
        }
    }

    private async Task<IReadOnlyList<Meter>> ActiveAsync(CancellationToken cancellationToken)
    {
        // A turn every few seconds would bury the traces of pours.
        using var quiet = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<TaproomDb>().Meters.Where(meter => meter.Active).ToListAsync(cancellationToken);
    }

    private long CurrentTurn() => time.GetUtcNow().UtcTicks / options.Value.Period.Ticks;

    // It outlasts its turn, for a replica whose clock is behind.
    private Task<bool> LeaseAsync(string id, long turn) =>
        redis
            .GetDatabase()
            .StringSetAsync($"{options.Value.LeaseKey}:{id}:{turn}", Environment.MachineName, 2 * options.Value.Period, When.NotExists);

    private async Task RecordAsync(string id, string error, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope
            .ServiceProvider.GetRequiredService<TaproomDb>()
            .Meters.Where(meter => meter.Id == id)
            .ExecuteUpdateAsync(meter => meter.SetProperty(m => m.LastError, error), cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Meters could not be polled: {Message}")]
    private partial void LogFailed(string message);

    [LoggerMessage(LogLevel.Debug, "Poll of meter {Meter} failed: {Message}")]
    private partial void LogPollFailed(string meter, string message);
}
