using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Intake;
using MQTTnet.Protocol;
using Taproom;

namespace Mqtt.Bridge.Clients;

/// <summary>How fast taps may send, and how often they may be refused. One that was quiet for a while may send a burst.</summary>
internal sealed class RateLimit(IOptions<MqttListenerOptions> options, BridgeMetrics metrics, TimeProvider time)
{
    /// <summary>What is said of a message that is refused for its pace.</summary>
    public const string TooFast = "The tap sends too fast; send this again a little later.";

    /// <summary>Seconds' worth of refusals that are looked into at once: the taps of a bar come back together.</summary>
    private const int BurstSeconds = 20;

    /// <summary>All names of one address together may be refused so many times as often as one of them.</summary>
    private const int NamesPerAddress = 20;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    // All connections of a tap share one pace; a client without a tap has its own.
    private readonly TokenBuckets<(int? TapId, string ClientId)> _messages = Buckets<(int?, string)>(
        options.Value.MaxMessagesPerSecond,
        options.Value.MaxMessageBurst
    );

    private readonly TokenBuckets<(IPAddress Address, string? User)> _refusals = Buckets<(IPAddress, string?)>(
        options.Value.MaxRefusalsPerSecond,
        options.Value.MaxRefusalsPerSecond * BurstSeconds
    );

    private readonly TokenBuckets<IPAddress> _refusalsOfAddress = Buckets<IPAddress>(
        options.Value.MaxRefusalsPerSecond * NamesPerAddress,
        options.Value.MaxRefusalsPerSecond * NamesPerAddress * BurstSeconds
    );

    /// <summary>Slows down a tap that sends too fast.</summary>
    /// <returns>False when the message is to be refused, which its sender can only learn over MQTT 5 with QoS 1 or 2.</returns>
    public async ValueTask<bool> KeepPaceAsync(TapClient client, MqttQualityOfServiceLevel qos, CancellationToken cancellationToken)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            using var lease = _messages.Take((client.TapId, client.TapId is null ? client.ClientId : ""));
            if (lease.IsAcquired)
            {
                return true;
            }

            if (isFirst)
            {
                metrics.Throttled();
                if (client.IsVersion5 && qos is not MqttQualityOfServiceLevel.AtMostOnce)
                {
                    return false;
                }
            }

            var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) && after > ShortestWait ? after : ShortestWait;
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    /// <summary>Whether a user name was refused so often of late at an address that it is refused unseen.</summary>
    public bool IsRefusedUnseen(IPAddress? address, string? user) =>
        _refusals.IsEmpty((address ?? IPAddress.None, user)) || _refusalsOfAddress.IsEmpty(address ?? IPAddress.None);

    /// <summary>A user name was refused at an address.</summary>
    public void CountRefusal(IPAddress? address, string? user)
    {
        using var ofUser = _refusals.Take((address ?? IPAddress.None, user));
        using var ofAddress = _refusalsOfAddress.Take(address ?? IPAddress.None);
    }

    private static TokenBuckets<TKey> Buckets<TKey>(double perSecond, double burst)
        where TKey : notnull => new(1, TimeSpan.FromSeconds(1 / perSecond), (int)Math.Max(1, burst));
}
