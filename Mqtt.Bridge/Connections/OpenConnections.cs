using System.Net;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Listener;

namespace Mqtt.Bridge.Connections;

/// <summary>Counts the network connections, whoever is at the other end, in total and of each address. Safe for concurrent use.</summary>
internal sealed class OpenConnections(IOptions<MqttListenerOptions> options)
{
    private readonly MqttListenerOptions _options = options.Value;
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _ofAddress = [];
    private int _count;

    /// <summary>Counts a new connection.</summary>
    /// <returns>False when there are too many already.</returns>
    public bool TryEnter(IPAddress address)
    {
        lock (_gate)
        {
            var ofAddress = _ofAddress.GetValueOrDefault(address);
            // Clients above MaxConnections are told so in an answer to their CONNECT; some room for that, and no more.
            if (ofAddress >= _options.MaxConnectionsPerAddress || _count >= _options.MaxConnections + _options.ConnectionBacklog)
            {
                return false;
            }

            _ofAddress[address] = ofAddress + 1;
            _count++;
            return true;
        }
    }

    /// <summary>A connection that was counted is closed.</summary>
    public void Leave(IPAddress address)
    {
        lock (_gate)
        {
            _count--;
            if (--_ofAddress[address] == 0)
            {
                _ofAddress.Remove(address);
            }
        }
    }
}
