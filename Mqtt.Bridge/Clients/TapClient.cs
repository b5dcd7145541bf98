using System.Collections;
using System.Globalization;
using System.Net;
using Mqtt.Bridge.HomeAssistant;
using Taproom;

namespace Mqtt.Bridge.Clients;

/// <summary>Who is at the other end of a connection.</summary>
internal sealed class TapClient(int? tapId, string clientId, IPAddress? address)
{
    /// <summary>Subscriptions of one client; a tap has no more than six topics to listen to.</summary>
    private const int MaxSubscriptions = 16;

    /// <summary>Subscriptions of one that only reads: Home Assistant has one for the state of each tap.</summary>
    private const int MaxReaderSubscriptions = 20_000;

    private static readonly object Key = new();

    private readonly HashSet<string> _subscriptions = [];

    /// <summary>The tap, 1 or more; null for an anonymous client, which may speak for any tap.</summary>
    public int? TapId => tapId;

    public string ClientId => clientId;

    public IPAddress? Address => address;

    public bool IsVersion5 { get; init; }

    /// <summary>Whether it is Home Assistant with its own account: it speaks for no tap, and listens to none.</summary>
    public bool IsReader { get; set; }

    /// <summary>The discovery prefix below which it may read; null while taps are not announced, or to a tap.</summary>
    public string? ReadablePrefix { get; set; }

    /// <summary>Largest packet that it takes, in bytes.</summary>
    public uint MaxPacketSize { get; init; } = uint.MaxValue;

    /// <summary>Whether it asked for a session, and may send a message of QoS 2 again over its next connection.</summary>
    public bool WantsSession { get; init; }

    /// <summary>The packet identifier of the message that it has sent last; 0 for one of QoS 0.</summary>
    public ushort PacketId { get; set; }

    /// <summary>When its last SUBSCRIBE came, by <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</summary>
    public long SubscribeReceivedAt { get; set; }

    /// <summary>Hash of the token that it showed; null when clients need none.</summary>
    public byte[]? TokenHash { get; set; }

    /// <summary>Ends its connection because it is not authorized any more; MQTT 5 is told so (0x87).</summary>
    public required Func<Task> DisconnectAsync { get; init; }

    /// <summary>Its part in what is read for those who listen to the pours of all taps; null while it does not.</summary>
    public ListenerGate.Listening? Listening { get; set; }

    /// <summary>The topic filters that it listens to.</summary>
    public IReadOnlyList<string> Subscriptions
    {
        get
        {
            lock (_subscriptions)
            {
                return [.. _subscriptions];
            }
        }
    }

    /// <summary>Whether the last status that it sent was "online".</summary>
    public bool IsOnline { get; set; }

    /// <summary>Whether its will said that the tap is offline, and was held back.</summary>
    public bool HasHeldWill { get; set; }

    /// <summary>The tap id as the ingest stream has it; empty for none.</summary>
    public string Tap => tapId?.ToString(CultureInfo.InvariantCulture) ?? "";

    /// <summary>The tap that a user name stands for: a whole number, 1 or more; null for any other text.</summary>
    public static int? TapOf(string? userName) =>
        int.TryParse(userName, NumberStyles.None, CultureInfo.InvariantCulture, out var tapId) && tapId >= 1 ? tapId : null;

    /// <summary>The client that a session belongs to; null for the server's own session.</summary>
    public static TapClient? Of(IDictionary sessionItems) => sessionItems[Key] as TapClient;

    /// <summary>Makes this client the owner of a session.</summary>
    public void Own(IDictionary sessionItems) => sessionItems[Key] = this;

    /// <summary>Notes a subscription.</summary>
    /// <returns>False when it has too many.</returns>
    public bool TrySubscribe(string filter)
    {
        lock (_subscriptions)
        {
            return _subscriptions.Contains(filter)
                || (_subscriptions.Count < (IsReader ? MaxReaderSubscriptions : MaxSubscriptions) && _subscriptions.Add(filter));
        }
    }

    /// <summary>Notes that a subscription is gone.</summary>
    public void Unsubscribe(string filter)
    {
        lock (_subscriptions)
        {
            _subscriptions.Remove(filter);
        }
    }

    /// <summary>Whether it listens to a channel of its own tap.</summary>
    public bool ListensTo(string channel) => Subscriptions.Any(filter => Covers(filter, channel));

    /// <summary>Whether a topic filter is one for a channel of its own tap.</summary>
    public bool Covers(string filter, string channel) => filter == $"taps/{Tap}/{channel}" || filter == $"taps/{Tap}/#" || filter == $"taps/{Tap}/+";

    /// <summary>Whether it may subscribe to a topic filter: below its own tap, or the notices to all taps; a reader, to what it is announced.</summary>
    public bool MayListenTo(string filter) =>
        (ReadablePrefix is { } prefix && HomeAssistantTopics.MayRead(prefix, filter))
        || (
            !IsReader
            && (
                filter.StartsWith("notices/", StringComparison.Ordinal)
                || filter.StartsWith(tapId is null ? "taps/" : $"taps/{Tap}/", StringComparison.Ordinal)
            )
        );
}
