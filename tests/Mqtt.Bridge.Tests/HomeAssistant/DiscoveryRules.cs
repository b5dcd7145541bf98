using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mqtt.Bridge.Tests.HomeAssistant;

/// <summary>
/// What Home Assistant's documentation asks of a device discovery message, written from it and not from the bridge: "Device discovery payload"
/// and "Supported abbreviations" of the integration MQTT, the options of its platforms sensor and binary_sensor, and the device classes,
/// units and state classes of the integrations sensor and binary_sensor.
/// </summary>
internal static partial class DiscoveryRules
{
    private const string Total = "total";
    private const string Measurement = "measurement";

    /// <summary>Options of the message itself, by their abbreviations: those that all entities may share.</summary>
    private static readonly Dictionary<string, string> Root = new()
    {
        ["dev"] = "device",
        ["o"] = "origin",
        ["cmps"] = "components",
        ["stat_t"] = "state_topic",
        ["avty_t"] = "availability_topic",
        ["qos"] = "qos",
    };

    private static readonly HashSet<string> Device = ["ids", "cns", "name", "mf", "mdl", "mdl_id", "sn", "sw", "hw", "sa", "cu"];
    private static readonly HashSet<string> Origin = ["name", "sw", "url"];

    /// <summary>Options that both platforms have.</summary>
    private static readonly HashSet<string> Entity = ["p", "name", "uniq_id", "val_tpl", "dev_cla", "ent_cat", "ic", "exp_aft", "en"];

    /// <summary>Further options of a sensor.</summary>
    private static readonly HashSet<string> Sensor = ["stat_cla", "unit_of_meas", "lrst_val_tpl", "sug_dsp_prc"];

    /// <summary>The units and the state classes of each device class of sensors that is used here.</summary>
    private static readonly Dictionary<string, (string?[] Units, string[] StateClasses)> DeviceClasses = new()
    {
        ["temperature"] = (["°C", "°F", "K"], [Measurement]),
        ["volume"] = (["L", "mL", "gal", "fl. oz.", "m³", "ft³", "CCF", "MCF"], [Total, "total_increasing"]),
        ["volume_storage"] = (["L", "mL", "gal", "fl. oz.", "m³", "ft³", "CCF", "MCF"], [Measurement]),
        // No number, so neither a unit nor a state class.
        ["timestamp"] = ([null], []),
    };

    private static readonly HashSet<string> BinaryDeviceClasses = ["connectivity", "battery", "problem", "running"];

    /// <summary>All that is wrong with a message.</summary>
    public static IReadOnlyList<string> Faults(string topic, JsonElement config)
    {
        List<string> faults = [];
        Check(faults, TopicForm().IsMatch(topic), $"the topic {topic}");
        Check(faults, config.EnumerateObject().All(member => Root.ContainsKey(member.Name)), "a member that is no shared option");
        foreach (var required in new[] { "dev", "o", "cmps", "stat_t" })
        {
            Check(faults, config.TryGetProperty(required, out _), $"{required} is required");
        }

        Check(faults, config.GetProperty("qos").GetInt32() is >= 0 and <= 2, "qos");
        Check(faults, !config.GetProperty("stat_t").GetString()!.AsSpan().ContainsAny("+#"), "stat_t with a wildcard");
        var device = config.GetProperty("dev");
        Check(faults, device.EnumerateObject().All(member => Device.Contains(member.Name)), "a member that a device has not");
        Check(faults, device.GetProperty("ids").GetArrayLength() > 0, "a device needs an identifier");
        var origin = config.GetProperty("o");
        Check(faults, origin.EnumerateObject().All(member => Origin.Contains(member.Name)), "a member that an origin has not");
        Check(faults, origin.GetProperty("name").GetString() is { Length: > 0 }, "an origin needs a name");
        JsonProperty[] components = [.. config.GetProperty("cmps").EnumerateObject()];
        Check(faults, components.Length > 0, "no component");
        var ids = components.Select(component => component.Value.GetProperty("uniq_id").GetString()).ToList();
        Check(faults, ids.Distinct().Count() == components.Length && ids.All(id => id is { Length: > 0 }), "unique_id");
        foreach (var component in components)
        {
            faults.AddRange(OfComponent(component.Value).Select(fault => $"{component.Name}: {fault}"));
        }

        return faults;
    }

    private static List<string> OfComponent(JsonElement component)
    {
        List<string> faults = [];
        var isSensor = Text(component, "p") == "sensor";
        Check(faults, isSensor || Text(component, "p") == "binary_sensor", "the platform");
        Check(
            faults,
            component.EnumerateObject().All(member => Entity.Contains(member.Name) || (isSensor && Sensor.Contains(member.Name))),
            "an unknown option"
        );
        Check(faults, component.EnumerateObject().All(member => member.Value.ValueKind is not JsonValueKind.Null), "an option that is null");
        Check(faults, Text(component, "val_tpl") is { } template && TemplateForm().IsMatch(template), "the template");
        Check(faults, Text(component, "ent_cat") is null or "diagnostic", "a sensor cannot be of another entity category");
        Check(faults, Text(component, "ic") is not { } icon || icon.StartsWith("mdi:", StringComparison.Ordinal), "the icon");
        var (deviceClass, stateClass, unit) = (Text(component, "dev_cla"), Text(component, "stat_cla"), Text(component, "unit_of_meas"));
        if (!isSensor)
        {
            Check(faults, deviceClass is null || BinaryDeviceClasses.Contains(deviceClass), "the device class");
            return faults;
        }

        Check(faults, stateClass is null or Measurement or Total or "total_increasing", "the state class");
        Check(faults, stateClass is Total || Text(component, "lrst_val_tpl") is null, "last_reset belongs to a total");
        if (deviceClass is not null)
        {
            var (units, stateClasses) = DeviceClasses.GetValueOrDefault(deviceClass, ([], []));
            Check(faults, units.Contains(unit), $"{deviceClass} in {unit ?? "no unit"}");
            Check(faults, stateClass is null || stateClasses.Contains(stateClass), $"{deviceClass} as {stateClass}");
        }

        return faults;
    }

    private static string? Text(JsonElement component, string name) => component.TryGetProperty(name, out var member) ? member.GetString() : null;

    private static void Check(List<string> faults, bool holds, string fault)
    {
        if (!holds)
        {
            faults.Add(fault);
        }
    }

    [GeneratedRegex("^homeassistant/device/[a-zA-Z0-9_-]+/config$")]
    private static partial Regex TopicForm();

    [GeneratedRegex(@"^\{\{ value_json\.[a-z_]+ \}\}$")]
    private static partial Regex TemplateForm();
}
