using System.Collections;
using System.Globalization;
using MQTTnet.Formatter;

namespace Mqtt.Bridge.Listener;

/// <summary>Who is at the other end of a connection.</summary>
/// <param name="TapId">The tap, 1 or more; null for an anonymous client, which may speak for any tap.</param>
/// <param name="Version">The protocol version of the connection.</param>
internal sealed record TapClient(int? TapId, MqttProtocolVersion Version)
{
    /// <summary>Subscriptions of one client; a tap has no more than six topics to listen to.</summary>
    private const int MaxSubscriptions = 16;

    private static readonly object Key = new();

    private readonly HashSet<string> _subscriptions = [];

    /// <summary>Hash of the token that it showed; null when nobody looked at one.</summary>
    public byte[]? TokenHash { get; init; }

    /// <summary>Whether it has said that it is online, and not otherwise since.</summary>
    public bool IsOnline { get; set; }

    /// <summary>Whether its will said that it is offline, and was not published.</summary>
    public bool OwesOffline { get; set; }

    /// <summary>The tap id as the ingest stream has it; empty for none.</summary>
    public string Tap => TapId?.ToString(CultureInfo.InvariantCulture) ?? "";

    /// <summary>The client that a user name stands for: a whole number, 1 or more, is a tap id; any other text is no tap.</summary>
    public static TapClient For(string? userName, MqttProtocolVersion version) =>
        new(int.TryParse(userName, NumberStyles.None, CultureInfo.InvariantCulture, out var tapId) && tapId >= 1 ? tapId : null, version);

    /// <summary>The client that a session belongs to; null for the server's own session.</summary>
    public static TapClient? Of(IDictionary sessionItems) => sessionItems[Key] as TapClient;

    /// <summary>Makes a session this client's.</summary>
    public void Own(IDictionary sessionItems) => sessionItems[Key] = this;

    /// <summary>Whether it may publish to the topics of a tap.</summary>
    public bool MayActFor(int tapId) => TapId is null || TapId == tapId;

    /// <summary>Notes a subscription.</summary>
    /// <returns>False when it has too many.</returns>
    public bool TrySubscribe(string filter)
    {
        lock (_subscriptions)
        {
            return _subscriptions.Contains(filter) || (_subscriptions.Count < MaxSubscriptions && _subscriptions.Add(filter));
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

    /// <summary>Whether it may subscribe to a topic filter: below its own tap, or the notices to all taps.</summary>
    public bool MayListenTo(string filter) =>
        filter.StartsWith("notices/", StringComparison.Ordinal)
        || filter.StartsWith(TapId is null ? "taps/" : $"taps/{Tap}/", StringComparison.Ordinal);
}
