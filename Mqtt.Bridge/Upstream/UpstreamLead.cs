using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;

namespace Mqtt.Bridge.Upstream;

/// <summary>
/// Chooses one of the bridges that have joined a broker: only this one sends notices and commands to the taps there, and says which of
/// them are online. It is a lease in Redis, held by a bridge that is connected to the broker.
/// </summary>
/// <remarks>A bridge that stops gives the lease up; that of a killed bridge expires.</remarks>
internal sealed partial class UpstreamLead(
    MqttAddress broker,
    IConnectionMultiplexer redis,
    IOptions<IngestOptions> options,
    TimeProvider time,
    ILogger<UpstreamLead> logger
)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(2);

    private readonly RedisKey _key = $"{options.Value.UpstreamKey}:{broker}";
    private readonly RedisValue _holder = Guid.NewGuid().ToString();

    // A timestamp; 0 while this bridge does not hold the lease.
    private long _renewedAt;

    /// <summary>This bridge has become the one.</summary>
    public event Action? Gained;

    /// <summary>Whether this bridge has the lead.</summary>
    public bool IsOurs => Volatile.Read(ref _renewedAt) is var at and not 0 && time.GetElapsedTime(at) < Lease;

    /// <summary>Takes the lead as soon as nobody has it, and keeps it, until cancelled; then gives it up.</summary>
    /// <param name="gained">Called each time that this bridge has become the one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task HoldAsync(Func<Task> gained, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(RenewEvery, time);
        try
        {
            do
            {
                var had = IsOurs;
                await RenewAsync();
                if (IsOurs && !had)
                {
                    LogGained(broker);
                    Gained?.Invoke();
                    await gained();
                }
            } while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The connection to the broker has ended.
        }
        finally
        {
            await GiveUpAsync();
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            // Taken before the call, so that the lease ends here before it ends in Redis.
            var now = time.GetTimestamp();
            var database = redis.GetDatabase();
            var held = await database.LockExtendAsync(_key, _holder, Lease) || await database.LockTakeAsync(_key, _holder, Lease);
            Volatile.Write(ref _renewedAt, held ? now : 0);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // A lease that this bridge holds stays valid until it expires.
            LogNotRenewed(ex.Message);
        }
    }

    private async Task GiveUpAsync()
    {
        if (Interlocked.Exchange(ref _renewedAt, 0) == 0)
        {
            return;
        }

        try
        {
            await redis.GetDatabase().LockReleaseAsync(_key, _holder);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            LogNotRenewed(ex.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "This bridge tells the taps at the broker {Broker} from now on.")]
    private partial void LogGained(MqttAddress broker);

    [LoggerMessage(LogLevel.Debug, "Who tells the taps at the broker could not be settled: {Message}")]
    private partial void LogNotRenewed(string message);
}
