using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Mqtt.Bridge.Clients;

/// <summary>How fast taps may send, and how often they may be refused. One that was quiet for a while may send a burst.</summary>
internal sealed class RateLimit : IDisposable
{
    /// <summary>Seconds' worth of refusals that are looked into at once: the taps of a bar come back together.</summary>
    private const int BurstSeconds = 20;

    /// <summary>All names of one address together may be refused so many times as often as one of them.</summary>
    private const int NamesPerAddress = 20;

    private readonly PartitionedRateLimiter<TapClient> _messages;
    private readonly PartitionedRateLimiter<(IPAddress? Address, string? User)> _refusals;
    private readonly PartitionedRateLimiter<(IPAddress? Address, string? User)> _refusalsOfAddress;

    public RateLimit(IOptions<MqttListenerOptions> options)
    {
        var (perSecond, burst, refused) = (options.Value.MaxMessagesPerSecond, options.Value.MaxMessageBurst, options.Value.MaxRefusalsPerSecond);
        // All connections of a tap share one pace; a client without a tap has its own.
        _messages = PartitionedRateLimiter.Create<TapClient, (int?, string)>(client =>
            Bucket((client.TapId, client.TapId is null ? client.ClientId : ""), perSecond, burst, queue: int.MaxValue)
        );
        _refusals = PartitionedRateLimiter.Create<(IPAddress?, string?), (IPAddress?, string?)>(refusal =>
            Bucket(refusal, refused, refused * BurstSeconds)
        );
        _refusalsOfAddress = PartitionedRateLimiter.Create<(IPAddress? Address, string?), IPAddress>(refusal =>
            Bucket(refusal.Address ?? IPAddress.None, refused * NamesPerAddress, refused * NamesPerAddress * BurstSeconds)
        );
    }

    /// <summary>Whether a client may send a message now.</summary>
    public bool TryTake(TapClient client)
    {
        using var lease = _messages.AttemptAcquire(client);
        return lease.IsAcquired;
    }

    /// <summary>Waits until a client may send a message.</summary>
    public async Task WaitAsync(TapClient client, CancellationToken cancellationToken)
    {
        using var lease = await _messages.AcquireAsync(client, 1, cancellationToken);
    }

    /// <summary>Whether a user name was refused so often of late at an address that it is refused unseen.</summary>
    public bool IsRefusedUnseen(IPAddress? address, string? user) =>
        _refusals.GetStatistics((address, user))?.CurrentAvailablePermits < 1
        || _refusalsOfAddress.GetStatistics((address, user))?.CurrentAvailablePermits < 1;

    /// <summary>A user name was refused at an address.</summary>
    public void CountRefusal(IPAddress? address, string? user)
    {
        using var ofUser = _refusals.AttemptAcquire((address, user));
        using var ofAddress = _refusalsOfAddress.AttemptAcquire((address, user));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _messages.Dispose();
        _refusals.Dispose();
        _refusalsOfAddress.Dispose();
    }

    private static RateLimitPartition<TKey> Bucket<TKey>(TKey key, double perSecond, double burst, int queue = 0) =>
        RateLimitPartition.GetTokenBucketLimiter(
            key,
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = (int)Math.Max(1, burst),
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1 / perSecond),
                QueueLimit = queue,
            }
        );
}
