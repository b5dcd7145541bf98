using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Intake;

namespace Mqtt.Bridge.Listener;

/// <summary>Counts the refused connections of each network address, so that nobody tries tokens, or wears out Redis, at full speed.</summary>
internal sealed class RefusedAddresses(IOptions<MqttListenerOptions> options, TimeProvider time)
{
    /// <summary>Seconds' worth of refusals that an address has at once: the taps of a bar behind one address come back together.</summary>
    private const int BurstSeconds = 20;

    /// <summary>Addresses that are kept; of more, all are forgotten, which costs less than to be worn out by them.</summary>
    private const int MaxAddresses = 10_000;

    private readonly double _perSecond = options.Value.MaxRefusalsPerSecond;
    private readonly ConcurrentDictionary<IPAddress, TokenBucket> _addresses = [];

    /// <summary>Whether an address was refused so often of late that it is refused unseen.</summary>
    public bool IsExhausted(EndPoint? remote) =>
        remote is IPEndPoint { Address: var address } && _addresses.TryGetValue(address, out var bucket) && bucket.IsEmpty;

    /// <summary>A connection of this address was refused.</summary>
    public void Count(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: var address })
        {
            return;
        }

        if (_addresses.Count >= MaxAddresses)
        {
            _addresses.Clear();
        }

        _addresses.GetOrAdd(address, _ => new TokenBucket(_perSecond, Math.Max(1, _perSecond * BurstSeconds), time)).TryTake();
    }
}
