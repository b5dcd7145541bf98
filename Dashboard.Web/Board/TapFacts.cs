using System.Text.Json;
using Taproom.Reports;

namespace Dashboard.Web.Board;

/// <summary>What changes slowly at the taps.</summary>
/// <param name="Temperatures">The newest temperature of the beer, by tap; only of taps that have reported one.</param>
/// <param name="MinutesLeft">In about how many minutes a keg will be empty, by keg; only of kegs of which that can be told.</param>
internal sealed record TapFacts(IReadOnlyDictionary<int, TemperatureView> Temperatures, IReadOnlyDictionary<Guid, int> MinutesLeft)
{
    /// <summary>Nothing is known yet.</summary>
    public static readonly TapFacts None = new(new Dictionary<int, TemperatureView>(), new Dictionary<Guid, int>());
}

/// <summary>How warm the beer of a tap is.</summary>
/// <param name="Celsius">In degrees Celsius.</param>
/// <param name="At">When that was measured, UTC.</param>
public sealed record TemperatureView(decimal Celsius, DateTimeOffset At)
{
    // Taps that save power report a few times an hour, and beer in a cooled keg is no warmer by a degree within one. An older figure would say
    // that the beer is cold at a tap whose sensor or cooler may have failed since.
    private static readonly TimeSpan LongestAge = TimeSpan.FromHours(1);

    /// <summary>What a stored reading says of it; null where it says nothing.</summary>
    /// <param name="body">The reading, a JSON object.</param>
    /// <param name="receivedAt">When it was received, UTC.</param>
    public static TemperatureView? Of(string body, DateTimeOffset receivedAt)
    {
        using var json = JsonDocument.Parse(body);
        if (!TapReading.TryRead(json.RootElement, out var read, out _) || read.TemperatureC is not { } celsius)
        {
            return null;
        }

        // A device's clock may be ahead, which makes no reading younger.
        var at = read.At(receivedAt);
        return new TemperatureView(celsius, at < receivedAt ? at : receivedAt);
    }

    /// <summary>Whether it still says how warm the beer is.</summary>
    public bool Holds(DateTimeOffset now) => now - At <= LongestAge;
}
