using System.Globalization;
using System.Text.Json;

namespace Mqtt.Bridge.HomeAssistant;

/// <summary>How a tap is, as Home Assistant gets it; null for what is not known.</summary>
/// <param name="Online"><c>ON</c> or <c>OFF</c>.</param>
/// <param name="Beverage">What is in the keg on it.</param>
/// <param name="KegLevelMl">What is left in the keg, in mL, 0 at least.</param>
/// <param name="KegLevelPercent">The same, in per cent of its size.</param>
/// <param name="PoursToday">Number of pours since the day began.</param>
/// <param name="LitresToday">Sum of their volumes in litres.</param>
/// <param name="DayBegan">When the day began.</param>
/// <param name="LastPourAt">When the last pour was poured.</param>
/// <param name="LastPourMl">Its volume in mL.</param>
/// <param name="TemperatureC">The last temperature, in degrees Celsius.</param>
internal sealed record TapState(
    string Online,
    string? Beverage,
    decimal? KegLevelMl,
    decimal? KegLevelPercent,
    long PoursToday,
    decimal LitresToday,
    DateTime DayBegan,
    DateTime? LastPourAt,
    decimal? LastPourMl,
    decimal? TemperatureC
)
{
    /// <summary>A member's name in the JSON, which value templates name.</summary>
    public static string NameOf(string property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property);

    /// <summary>Makes one.</summary>
    /// <param name="figures">What the store knows of the tap.</param>
    /// <param name="isOnline">Whether the tap is online.</param>
    /// <param name="day">The day whose pours were counted.</param>
    public static TapState Of(TapFigures figures, bool isOnline, LocalDay day)
    {
        var level = figures.LevelMl is { } left ? Math.Max(0, left) : (decimal?)null;
        return new TapState(
            isOnline ? "ON" : "OFF",
            figures.Beverage,
            level is { } ml ? Plain(ml, 0) : null,
            level is { } rest && figures.SizeMl is { } size ? Plain(100 * rest / size, 1) : null,
            figures.PoursToday,
            Plain(figures.VolumeTodayMl / 1_000, 3),
            day.Begin.UtcDateTime,
            figures.LastPourAt?.UtcDateTime,
            figures.LastPourMl is { } last ? Plain(last, 1) : null,
            decimal.TryParse(figures.Temperature, NumberStyles.Float, CultureInfo.InvariantCulture, out var temperature)
                ? Plain(temperature, 1)
                : null
        );
    }

    /// <summary>UTF-8 JSON of it, below 2 KiB.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, HomeAssistantJson.States.TapState);

    /// <summary>Rounded, without zeros at the end.</summary>
    private static decimal Plain(decimal value, int digits) => decimal.Round(value, digits) / 1.0000000000000000000000000000m;
}
