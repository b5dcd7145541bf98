using System.Text;
using Tap.Simulator.Mqtt;
using static Tap.Simulator.OptionValue;

namespace Tap.Simulator;

/// <summary>The options of the command line, each for a configuration key.</summary>
internal static class CommandLine
{
    /// <summary>The options in the order of the help, by what they are about.</summary>
    public static readonly IReadOnlyList<(string About, IReadOnlyList<CommandOption> Options)> Groups =
    [
        (
            "The taps",
            [
                new("--taps", "Simulator:Taps", Integer, "how many taps (3)"),
                new("--first-tap", "Simulator:FirstTap", Integer, "id of the first one; the others follow (1)"),
                new("--rate", "Simulator:Rate", Number, "pours a second of all taps together (each tap every 2 to 6 s)"),
                new(
                    "--rush",
                    "Simulator:Rush",
                    Text,
                    "'evening', or hours by the local clock and factors of the rate: 17-19=1.5,19:30-23=2.5 (none)"
                ),
                new("--pulses-per-litre", "Simulator:PulsesPerLitre", Integer, "calibration of the flow meters (450)"),
                new("--seed", "Simulator:Seed", Integer, "the same volumes, pauses and faults each time (another evening each time)"),
                new("--journal", "Simulator:JournalPath", Folder, "keeps pours without a receipt, also through a crash (in memory)"),
            ]
        ),
        (
            "Where they report",
            [
                new("--protocol", "Simulator:Protocol", Text, "mqtt5, mqtt3.1.1 or http (mqtt5)"),
                new("--mqtt", BridgeAddress.Key, Address, "mqtt(s)://[user:password@]host[:port] of the bridge or a broker (mqtt://localhost:1883)"),
                new("--no-receipts", "Simulator:Receipts", null, "an acknowledged pour is owed no longer; for a broker without Taproom", "false"),
                new("--api", "Simulator:Api", Address, "the API (http://localhost:8338)"),
                new("--admin-key", "Simulator:AdminKey", Text, "the API's admin key: registers taps, gets their tokens (no tokens)"),
            ]
        ),
        (
            "Faults, each with its chance at each pour",
            [
                new("--drop-connection", "Simulator:Faults:DropConnection", Chance, "the connection breaks off before the answer"),
                new("--stop-mid-pour", "Simulator:Faults:StopMidPour", Chance, "the power fails in the middle of the pour"),
                new("--send-twice", "Simulator:Faults:SendTwice", Chance, "the pour is sent again although it was answered"),
                new("--out-of-order", "Simulator:Faults:OutOfOrder", Chance, "the pour is held back until others have overtaken it"),
                new("--skew-clock", "Simulator:Faults:SkewClock", Chance, "the tap's clock is wrong by up to 12 hours"),
                new("--corrupt", "Simulator:Faults:Corrupt", Chance, "a payload that was cut short goes first"),
                new("--stop-reading", "Simulator:Faults:StopReading", Chance, "the tap reads nothing from its socket for a while"),
                new("--stop-reading-for", "Simulator:StopReadingFor", Duration, "the longest such while (5s)"),
            ]
        ),
        (
            "A run that is verified",
            [
                new("--verify", "Simulator:Verify:Enabled", null, "compares with the API; exit code 1 and a list where a pour is lost or doubled"),
                new("--duration", "Simulator:Verify:Duration", Duration, "how long the taps pour (20s)"),
                new("--patience", "Simulator:Verify:Patience", Duration, "how long the last receipts may take (60s)"),
            ]
        ),
        (
            "Meters, served over HTTP at this process's --urls",
            [
                new("--meters", "Simulator:Meters:Count", Integer, "how many, of kind rainforest and json by turns (0)"),
                new("--first-meter", "Simulator:Meters:First", Integer, "number of the first one, which is its id with six digits (1)"),
                new("--register", "Simulator:Meters:Register", null, "registers them at the API; needs --admin-key"),
                new("--meter-address", "Simulator:Meters:Address", Address, "where the API finds them (this process's own address)"),
                new("--meter-user", "Simulator:Meters:User", Text, "their user name (simulator)"),
                new("--meter-password", "Simulator:Meters:Password", Text, "their password (another one each time, with --register)"),
                new("--meter-peak", "Simulator:Meters:PeakKw", Number, "demand at the busiest hour, in kW (6)"),
                new("--meter-slow", "Simulator:Meters:Slow", Chance, "chance at each poll that the answer takes --meter-slow-for"),
                new("--meter-slow-for", "Simulator:Meters:SlowFor", Duration, "how long (10s)"),
                new("--meter-error", "Simulator:Meters:Error", Chance, "chance of an answer that is an error"),
                new("--meter-garbled", "Simulator:Meters:Garbled", Chance, "chance of an answer that breaks off in the middle"),
                new("--meter-refuse", "Simulator:Meters:Refuse", Chance, "chance that the connection is closed without an answer"),
            ]
        ),
    ];

    private static readonly Dictionary<string, CommandOption> Options = Groups.SelectMany(group => group.Options).ToDictionary(option => option.Name);

    /// <summary>Writes short options out.</summary>
    /// <param name="args">The arguments; configuration keys may be among them, <c>--Section:Key=value</c> or <c>--urls address</c>.</param>
    /// <returns>Arguments for the configuration, <c>--key=value</c>; null when help is asked for.</returns>
    /// <exception cref="UsageException">An option does not exist, lacks its value, or has a wrong one.</exception>
    public static string[]? Expand(IReadOnlyList<string> args)
    {
        var expanded = new List<string>();
        for (var n = 0; n < args.Count; n++)
        {
            var (name, attached) = args[n].Split('=', 2) is [var before, var after] ? (before, after) : (args[n], null);
            if (name is "--help" or "-h" or "-?")
            {
                return null;
            }

            if ((name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':')) || name is "--urls" or "--environment")
            {
                expanded.Add(attached is not null ? args[n] : $"{name}={ValueOf(name, args, ref n)}");
            }
            else if (!Options.TryGetValue(name, out var option))
            {
                throw new UsageException($"There is no option {name}.");
            }
            else if (option.Takes is not null)
            {
                expanded.Add($"--{option.Key}={option.Read(attached ?? ValueOf(name, args, ref n))}");
            }
            else
            {
                expanded.Add(attached is null ? $"--{option.Key}={option.Alone}" : throw new UsageException($"{name} takes no value."));
            }
        }

        return [.. expanded];
    }

    /// <summary>What <c>--help</c> prints.</summary>
    public static string Help()
    {
        var help = new StringBuilder("usage: Tap.Simulator [options]\nPlays beer taps that pour and report, and meters that are polled.\n");
        foreach (var (about, options) in Groups)
        {
            help.Append($"\n{about}\n");
            foreach (var option in options)
            {
                help.Append($"  {option.Name + " " + option.Takes?.ToString().ToUpperInvariant(), -30}{option.About}\n");
            }
        }

        return help.Append(
                "\nEach option is a configuration key too: --Simulator:MaxBackoff=00:00:05, Simulator__Taps=5 in the environment.\n"
                    + "With INET_ADDR=host:port and TAP_ID=1 (also TAP_TOKEN, MAX_PAUSE) in the environment, it is one tap over HTTP and\n"
                    + "WebSocket instead, which posts a beer every 1 to 10 seconds and prints what the live feed says.\n"
            )
            .ToString();
    }

    private static string ValueOf(string name, IReadOnlyList<string> args, ref int n) =>
        n + 1 < args.Count && !args[n + 1].StartsWith("--", StringComparison.Ordinal)
            ? args[++n]
            : throw new UsageException($"{name} needs a value.");
}
