using System.Globalization;

namespace Mqtt.Bridge.Intake;

/// <summary>A topic of a tap, <c>taps/{tapId}/{channel}</c>.</summary>
/// <param name="TapId">The tap, 1 or more.</param>
/// <param name="Channel">What follows: <c>pours</c>, <c>readings</c> and so on.</param>
internal readonly record struct TapTopic(int TapId, string Channel)
{
    private const string Root = "taps/";

    /// <summary>Writes a topic name.</summary>
    public static string Of(int tapId, string channel) => string.Create(CultureInfo.InvariantCulture, $"{Root}{tapId}/{channel}");

    /// <summary>Takes a topic name apart. A tap id has one spelling only: no sign, no leading zero.</summary>
    public static bool TryParse(string topic, out TapTopic parsed)
    {
        parsed = default;
        if (!topic.StartsWith(Root, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = topic.AsSpan(Root.Length);
        var slash = rest.IndexOf('/');
        if (slash < 1 || rest[0] is '0' || !int.TryParse(rest[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out var tapId))
        {
            return false;
        }

        parsed = new TapTopic(tapId, rest[(slash + 1)..].ToString());
        return true;
    }
}
