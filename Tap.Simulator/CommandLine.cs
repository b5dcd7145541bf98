using System.Globalization;

namespace Taproom.Simulator;

/// <summary>The short options of the command line, for what would be long configuration keys.</summary>
internal static class CommandLine
{
    private static readonly Dictionary<string, string> Keys = new()
    {
        ["--taps"] = "Simulator:Taps",
        ["--first-tap"] = "Simulator:FirstTap",
        ["--rate"] = "Simulator:Rate",
        ["--mqtt-version"] = "Simulator:MqttVersion",
        ["--seed"] = "Simulator:Seed",
        ["--journal"] = "Simulator:JournalPath",
        ["--duration"] = "Simulator:Verify:Duration",
        ["--api"] = "Simulator:Api",
        ["--admin-key"] = "Simulator:AdminKey",
        ["--drop-connection"] = "Simulator:Faults:DropConnection",
        ["--stop-mid-pour"] = "Simulator:Faults:StopMidPour",
        ["--send-twice"] = "Simulator:Faults:SendTwice",
        ["--out-of-order"] = "Simulator:Faults:OutOfOrder",
        ["--skew-clock"] = "Simulator:Faults:SkewClock",
        ["--corrupt"] = "Simulator:Faults:Corrupt",
    };

    /// <summary>Writes short options out: <c>--verify</c> stands alone, each other one takes a value; the rest stays as it is.</summary>
    /// <param name="args">The arguments; a duration is a number of seconds or a time span.</param>
    /// <returns>Arguments for the configuration, <c>--key=value</c>.</returns>
    public static string[] Expand(IReadOnlyList<string> args)
    {
        var expanded = new List<string>();
        for (var n = 0; n < args.Count; n++)
        {
            if (args[n] == "--verify")
            {
                expanded.Add("--Simulator:Verify:Enabled=true");
            }
            else if (Keys.TryGetValue(args[n], out var key) && n + 1 < args.Count)
            {
                n++;
                expanded.Add($"--{key}={(args[n - 1] == "--duration" ? ToTimeSpan(args[n]) : args[n])}");
            }
            else
            {
                expanded.Add(args[n]);
            }
        }

        return [.. expanded];
    }

    private static string ToTimeSpan(string text) =>
        double.TryParse(text.TrimEnd('s'), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds).ToString("c", CultureInfo.InvariantCulture)
            : text;
}
