using System.Globalization;

namespace Tap.Simulator.Transports;

/// <summary>What a tap is called.</summary>
/// <param name="Id">Its number, 1 or more.</param>
internal sealed record TapIdentity(int Id)
{
    /// <summary>Its number as text, its MQTT user name.</summary>
    public string Name { get; } = Id.ToString(CultureInfo.InvariantCulture);

    /// <summary>Its MQTT client id.</summary>
    public string ClientId => $"tap-{Name}";

    /// <summary>One of its topics.</summary>
    public string Topic(string channel) => $"taps/{Name}/{channel}";
}
