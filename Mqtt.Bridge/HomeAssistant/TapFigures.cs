namespace Mqtt.Bridge.HomeAssistant;

/// <summary>What the store knows of a registered tap.</summary>
internal sealed record TapFigures
{
    /// <summary>The tap.</summary>
    public int TapId { get; init; }

    /// <summary>Its name, or null.</summary>
    public string? Name { get; init; }

    /// <summary>What is in the keg on it; null without a keg.</summary>
    public string? Beverage { get; init; }

    /// <summary>The size of that keg in mL; null without a keg.</summary>
    public decimal? SizeMl { get; init; }

    /// <summary>What is left in it, in mL; below zero when more was poured than it held, null without a keg.</summary>
    public decimal? LevelMl { get; init; }

    /// <summary>Number of pours of the day.</summary>
    public long PoursToday { get; init; }

    /// <summary>Sum of their volumes in mL.</summary>
    public decimal VolumeTodayMl { get; init; }

    /// <summary>When the last pour was poured; UTC, null before the first.</summary>
    public DateTimeOffset? LastPourAt { get; init; }

    /// <summary>Its volume in mL; null before the first.</summary>
    public decimal? LastPourMl { get; init; }

    /// <summary>When the newest pour was received; UTC, null before the first.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>The last temperature among the newest readings, as the tap wrote it; null for none.</summary>
    public string? Temperature { get; init; }
}
