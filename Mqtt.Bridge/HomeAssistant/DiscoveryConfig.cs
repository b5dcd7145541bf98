using System.Reflection;
using System.Text.Json;

namespace Mqtt.Bridge.HomeAssistant;

/// <summary>
/// What a tap is, as Home Assistant's MQTT discovery of devices has it (home-assistant.io, integration MQTT, "Device discovery payload"),
/// with its abbreviations.
/// </summary>
/// <param name="Dev">The device.</param>
/// <param name="O">Where the announcement comes from.</param>
/// <param name="Cmps">The entities of the device, by a name that never changes.</param>
/// <param name="StatT">The topic of the state of all of them.</param>
/// <param name="AvtyT">The topic that says whether the states can be believed.</param>
/// <param name="Qos">The QoS with which both are subscribed to.</param>
internal sealed record DiscoveryConfig(
    DiscoveryDevice Dev,
    DiscoveryOrigin O,
    IReadOnlyDictionary<string, DiscoveryComponent> Cmps,
    string StatT,
    string AvtyT,
    int Qos
)
{
    private static readonly string Version =
        typeof(DiscoveryConfig).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>Makes the announcement of a tap.</summary>
    public static DiscoveryConfig Of(TapFigures tap)
    {
        var id = HomeAssistantTopics.IdOf(tap.TapId);
        return new DiscoveryConfig(
            new DiscoveryDevice([id], tap.Name ?? $"Tap {tap.TapId}", "Taproom", "Tap", $"{tap.TapId}"),
            new DiscoveryOrigin("Taproom", Version),
            DiscoveryComponents.Of(id),
            HomeAssistantTopics.StateOf(tap.TapId),
            HomeAssistantTopics.Status,
            Qos: 1
        );
    }

    /// <summary>UTF-8 JSON of it, below 4 KiB.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, HomeAssistantJson.Configs.DiscoveryConfig);
}

/// <summary>The device.</summary>
/// <param name="Ids">What it is known by.</param>
/// <param name="Name">Its name.</param>
/// <param name="Mf">Its manufacturer.</param>
/// <param name="Mdl">Its model.</param>
/// <param name="Sn">Its serial number.</param>
internal sealed record DiscoveryDevice(IReadOnlyList<string> Ids, string Name, string Mf, string Mdl, string Sn);

/// <summary>Where an announcement comes from.</summary>
/// <param name="Name">The program.</param>
/// <param name="Sw">Its version.</param>
internal sealed record DiscoveryOrigin(string Name, string Sw);

/// <summary>An entity of a device.</summary>
/// <param name="P">The platform: <c>sensor</c> or <c>binary_sensor</c>.</param>
/// <param name="UniqId">Its name among all entities of a Home Assistant.</param>
/// <param name="Name">Its name beside that of the device.</param>
/// <param name="ValTpl">What it takes of the state.</param>
internal sealed record DiscoveryComponent(string P, string UniqId, string Name, string ValTpl)
{
    /// <summary>The device class; null for none.</summary>
    public string? DevCla { get; init; }

    /// <summary>How its statistics are made; null for none.</summary>
    public string? StatCla { get; init; }

    /// <summary>The unit; null for none.</summary>
    public string? UnitOfMeas { get; init; }

    /// <summary>Since when a total counts.</summary>
    public string? LrstValTpl { get; init; }

    /// <summary>The icon where the device class has none that fits.</summary>
    public string? Ic { get; init; }

    /// <summary>Digits after the point that are shown.</summary>
    public int? SugDspPrc { get; init; }

    /// <summary>The category; null for an entity of the device's own purpose.</summary>
    public string? EntCat { get; init; }
}
