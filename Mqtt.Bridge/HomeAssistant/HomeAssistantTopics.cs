using System.Globalization;

namespace Mqtt.Bridge.HomeAssistant;

/// <summary>The topics by which Home Assistant hears of taps.</summary>
internal static class HomeAssistantTopics
{
    /// <summary>What all topics begin with that are not Home Assistant's own.</summary>
    public const string Root = "taproom/";

    /// <summary>Whether this Taproom is there: <c>online</c> or <c>offline</c>, retained.</summary>
    public const string Status = Root + "status";

    /// <summary>Whether Home Assistant is there; it says <c>online</c> when it has started (its birth message).</summary>
    public static string BirthOf(string prefix) => $"{prefix}/status";

    /// <summary>What a tap is, retained.</summary>
    public static string ConfigOf(string prefix, int tapId) => string.Create(CultureInfo.InvariantCulture, $"{prefix}/device/{IdOf(tapId)}/config");

    /// <summary>How a tap is, retained.</summary>
    public static string StateOf(int tapId) => string.Create(CultureInfo.InvariantCulture, $"{Root}taps/{tapId}/state");

    /// <summary>The name of a tap among all devices of a Home Assistant.</summary>
    public static string IdOf(int tapId) => string.Create(CultureInfo.InvariantCulture, $"taproom_tap_{tapId}");

    /// <summary>Whether who only reads may subscribe to a topic filter.</summary>
    public static bool MayRead(string prefix, string filter) =>
        filter.StartsWith(Root, StringComparison.Ordinal) || filter.StartsWith($"{prefix}/", StringComparison.Ordinal);
}
