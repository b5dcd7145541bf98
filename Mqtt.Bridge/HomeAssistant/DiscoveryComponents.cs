using static Mqtt.Bridge.HomeAssistant.TapState;

namespace Mqtt.Bridge.HomeAssistant;

/// <summary>The entities of a tap.</summary>
internal static class DiscoveryComponents
{
    private const string Sensor = "sensor";
    private const string Measurement = "measurement";
    private const string Total = "total";

    /// <summary>The entities of a tap.</summary>
    /// <param name="device">The name of the tap among all devices of a Home Assistant.</param>
    public static IReadOnlyDictionary<string, DiscoveryComponent> Of(string device)
    {
        var dayBegan = Template(nameof(TapState.DayBegan));
        return new Dictionary<string, DiscoveryComponent>
        {
            ["online"] = Entity("binary_sensor", "online", "Online", nameof(TapState.Online)) with { DevCla = "connectivity", EntCat = "diagnostic" },
            ["beverage"] = Entity(Sensor, "beverage", "Beverage", nameof(TapState.Beverage)) with { Ic = "mdi:glass-mug-variant" },
            ["keg_level"] = Entity(Sensor, "keg_level", "Keg level", nameof(TapState.KegLevelMl)) with
            {
                DevCla = "volume_storage",
                StatCla = Measurement,
                UnitOfMeas = "mL",
                SugDspPrc = 0,
            },
            ["keg_share"] = Entity(Sensor, "keg_share", "Keg level in per cent", nameof(TapState.KegLevelPercent)) with
            {
                StatCla = Measurement,
                UnitOfMeas = "%",
                Ic = "mdi:keg",
            },
            // Totals, not rising ones: a pour can be deleted.
            ["pours_today"] = Entity(Sensor, "pours_today", "Pours today", nameof(TapState.PoursToday)) with
            {
                StatCla = Total,
                LrstValTpl = dayBegan,
                Ic = "mdi:counter",
            },
            ["litres_today"] = Entity(Sensor, "litres_today", "Litres today", nameof(TapState.LitresToday)) with
            {
                DevCla = "volume",
                StatCla = Total,
                UnitOfMeas = "L",
                LrstValTpl = dayBegan,
                SugDspPrc = 1,
            },
            ["last_pour"] = Entity(Sensor, "last_pour", "Last pour", nameof(TapState.LastPourAt)) with { DevCla = "timestamp" },
            ["last_pour_volume"] = Entity(Sensor, "last_pour_volume", "Last pour's volume", nameof(TapState.LastPourMl)) with
            {
                DevCla = "volume",
                UnitOfMeas = "mL",
                SugDspPrc = 0,
            },
            ["temperature"] = Entity(Sensor, "temperature", "Temperature", nameof(TapState.TemperatureC)) with
            {
                DevCla = "temperature",
                StatCla = Measurement,
                UnitOfMeas = "°C",
                SugDspPrc = 1,
            },
        };

        DiscoveryComponent Entity(string platform, string id, string name, string property) =>
            new(platform, $"{device}_{id}", name, Template(property));
    }

    private static string Template(string property) => $"{{{{ value_json.{NameOf(property)} }}}}";
}
