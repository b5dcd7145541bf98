using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Tap.Simulator;

/// <summary>The options of the command line, each for a configuration key.</summary>
internal static class CommandLine
{
    private static readonly Kind Integer = new("INTEGER", "a whole number", text => IsInteger(text) ? text : null);
    private static readonly Kind Number = new("NUMBER", "a number", text => double.IsFinite(ToDouble(text)) ? text : null);
    private static readonly Kind Chance = new("CHANCE", "a chance, 0 to 1", text => ToDouble(text) is >= 0 and <= 1 ? text : null);
    private static readonly Kind Duration = new("DURATION", "seconds, like 20s, or hours:minutes:seconds", ReadDuration);
    private static readonly Kind Address = new("ADDRESS", "an address with its scheme", ReadAddress);
    private static readonly Kind Text = new("TEXT", "a text", text => text);

    /// <summary>The options in the order of the help.</summary>
    public static readonly RootCommand Root = new(
        """
        Plays beer taps that pour and report, and meters that are polled.

        Each option is a configuration key too: --Simulator:MaxBackoff=00:00:05, Simulator__Taps=5 in the environment.
        With INET_ADDR=host:port and TAP_ID=1 (also TAP_TOKEN, MAX_PAUSE) in the environment, it is one tap over HTTP and
        WebSocket instead, which posts a beer every 1 to 10 seconds and prints what the live feed says.
        """
    )
    {
        new Setting("--taps", "Taps", Integer, "how many taps (3)"),
        new Setting("--first-tap", "FirstTap", Integer, "id of the first one; the others follow (1)"),
        new Setting("--rate", "Rate", Number, "pours a second of all taps together (each tap every 2 to 6 s)"),
        new Setting("--rush", "Rush", Text, "'evening', or hours by the local clock and factors of the rate: 17-19=1.5,19:30-23=2.5 (none)"),
        new Setting("--pulses-per-litre", "PulsesPerLitre", Integer, "calibration of the flow meters (450)"),
        new Setting("--seed", "Seed", Integer, "the same volumes, pauses and faults each time (another evening each time)"),
        new Setting("--journal", "JournalPath", Text, "folder that keeps pours without a receipt, also through a crash (in memory)"),
        new Setting("--readings", "ReadingsEvery", Duration, "how often each tap sends temperature and pressure, over MQTT (never)"),
        new Setting("--protocol", "Protocol", Text, "mqtt5, mqtt3.1.1 or http (mqtt5)"),
        new Setting("--mqtt", "Mqtt", Address, "mqtt(s)://[user:password@]host[:port] of the bridge or a broker (mqtt://localhost:1883)"),
        new Setting("--qos", "Qos", Integer, "QoS of what taps publish over MQTT, 1 or 2 (1)"),
        new Setting("--no-receipts", "Receipts", "false", "a pour is kept until it is acknowledged; for a broker without Taproom"),
        new Setting("--api", "Api", Address, "the API (http://localhost:8338)"),
        new Setting("--admin-key", "AdminKey", Text, "the API's admin key: registers taps, gets their tokens (no tokens)"),
        new Setting("--drop-connection", "Faults:DropConnection", Chance, "chance at each pour that the connection breaks off before the answer"),
        new Setting("--stop-mid-pour", "Faults:StopMidPour", Chance, "chance that the power fails in the middle of the pour"),
        new Setting("--send-twice", "Faults:SendTwice", Chance, "chance that the pour is sent again although it was answered"),
        new Setting("--out-of-order", "Faults:OutOfOrder", Chance, "chance that the pour is held back until others have overtaken it"),
        new Setting("--skew-clock", "Faults:SkewClock", Chance, "chance that the tap's clock is wrong by up to 12 hours"),
        new Setting("--clock-skew", "Faults:ClockSkew", Duration, "how far the clocks of all taps are ahead, all the time; -1:00:00 for behind (0)"),
        new Setting("--copy-id", "Faults:CopyId", Chance, "chance that a pour with the id of another tap's pour goes first"),
        new Setting("--corrupt", "Faults:Corrupt", Chance, "chance that a payload that was cut short goes first"),
        new Setting("--stop-reading", "Faults:StopReading", Chance, "chance that the tap reads nothing from its socket for a while"),
        new Setting("--stop-reading-for", "StopReadingFor", Duration, "the longest such while (5s)"),
        new Setting("--verify", "Verify:Enabled", "true", "compares with the API; exit code 1 and a list where a pour is lost or doubled"),
        new Setting("--duration", "Verify:Duration", Duration, "how long the taps pour before they are verified (20s)"),
        new Setting("--patience", "Verify:Patience", Duration, "how long the last receipts may take then (60s)"),
        new Setting("--evening", "Evening:Enabled", "true", "plays an evening in fast time in which beer goes astray; over MQTT, needs --admin-key"),
        new Setting("--evening-length", "Evening:Length", Duration, "how long it is (6:00:00)"),
        new Setting("--true-pulses-per-litre", "Evening:TruePulsesPerLitre", Integer, "what the meter of its first tap really gives (414)"),
        new Setting("--leak", "Evening:LeakMlPerMinute", Integer, "what leaks at its second tap, in mL a minute (20)"),
        new Setting("--drips", "Evening:DripPulses", Integer, "most pulses that drip after each pour of its third tap (6)"),
        new Setting("--foam", "Evening:FoamFlows", Integer, "short flows at the end of the keg of its fourth tap (6)"),
        new Setting("--forget-sale-every", "Evening:ForgetSaleEvery", Integer, "of how many sales its till forgets one (50)"),
        new Setting("--meters", "Meters:Count", Integer, "how many meters at this process's --urls, of kind rainforest and json by turns (0)"),
        new Setting("--first-meter", "Meters:First", Integer, "number of the first one, which is its id with six digits (1)"),
        new Setting("--register", "Meters:Register", "true", "registers the meters at the API; needs --admin-key"),
        new Setting("--meter-address", "Meters:Address", Address, "where the API finds them (this process's own address)"),
        new Setting("--meter-user", "Meters:User", Text, "their user name (simulator)"),
        new Setting("--meter-password", "Meters:Password", Text, "their password (another one each time, with --register)"),
        new Setting("--meter-peak", "Meters:PeakKw", Number, "demand at the busiest hour, in kW (6)"),
        new Setting("--meter-slow", "Meters:Slow", Chance, "chance at each poll that the answer takes --meter-slow-for"),
        new Setting("--meter-slow-for", "Meters:SlowFor", Duration, "how long (10s)"),
        new Setting("--meter-error", "Meters:Error", Chance, "chance of an answer that is an error"),
        new Setting("--meter-garbled", "Meters:Garbled", Chance, "chance of an answer that breaks off in the middle"),
        new Setting("--meter-refuse", "Meters:Refuse", Chance, "chance that the connection is closed without an answer"),
        new Setting("--urls", "urls", Text, "where this process listens (a free port of loopback)", section: ""),
        new Setting("--environment", "environment", Text, "the hosting environment (Production)", section: ""),
    };

    /// <summary>Parses a command line.</summary>
    /// <param name="args">The arguments; configuration keys may be among them, <c>--Section:Key=value</c>.</param>
    public static ParseResult Parse(IReadOnlyList<string> args) =>
        // An argument that begins with @ is a value like any other, not a file to be read.
        Root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <summary>The arguments for the configuration, <c>--key=value</c>.</summary>
    /// <exception cref="UsageException">An option does not exist, lacks its value, or has a wrong one.</exception>
    public static string[] ToConfiguration(this ParseResult parsed, IReadOnlyList<string> args)
    {
        var keys = new List<string>();
        for (var n = 0; n < parsed.UnmatchedTokens.Count; n++)
        {
            var token = parsed.UnmatchedTokens[n];
            var name = token.Split('=')[0];
            if (!name.StartsWith("--", StringComparison.Ordinal) || !name.Contains(':'))
            {
                throw new UsageException(
                    args.FirstOrDefault(arg => arg.EndsWith($"={token}", StringComparison.Ordinal)) is { } written
                        ? $"{written.Split('=')[0]} takes no value."
                        : $"There is no option {name}."
                );
            }

            keys.Add(name != token ? token : $"{name}={parsed.UnmatchedTokens.ElementAtOrDefault(++n) ?? throw Setting.NoValue(name)}");
        }

        var settings = parsed.CommandResult.Children.OfType<OptionResult>();
        return parsed.Errors.FirstOrDefault(error => error.SymbolResult is OptionResult) is { } error
            ? throw new UsageException(error.Message)
            :
            [
                .. settings.Where(result => result is { Implicit: false, Option: Setting }).Select(result => ((Setting)result.Option).Read(result)),
                .. keys,
            ];
    }

    private static bool IsInteger(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static double ToDouble(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;

    private static string? ReadDuration(string text) =>
        ToDouble(text.TrimEnd('s')) is > int.MinValue and < int.MaxValue and not 0 and var seconds
            ? TimeSpan.FromSeconds(seconds).ToString("c", CultureInfo.InvariantCulture)
        : text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _) ? text
        : null;

    private static string? ReadAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? text : null;

    /// <summary>What an option takes.</summary>
    /// <param name="Name">By the word that the help has for it.</param>
    /// <param name="Expected">What a wrong value is told.</param>
    /// <param name="Read">The configuration's value for what was written; null for a wrong one.</param>
    private sealed record Kind(string Name, string Expected, Func<string, string?> Read);

    /// <summary>An option for a configuration key.</summary>
    private sealed class Setting : Option<string>
    {
        private readonly string _key;
        private readonly Kind? _kind;
        private readonly string? _alone;

        /// <summary>An option with a value.</summary>
        public Setting(string name, string key, Kind kind, string about, string section = "Simulator:")
            : base(name)
        {
            (_key, _kind, HelpName, Description) = (section + key, kind, kind.Name, about);
            Arity = ArgumentArity.ZeroOrOne;
            Validators.Add(result =>
            {
                if (result.Tokens is not [var token] || token.Value.StartsWith("--", StringComparison.Ordinal))
                {
                    result.AddError(NoValue(name).Message);
                }
                else if (kind.Read(token.Value) is null)
                {
                    // An address may hold a password.
                    result.AddError(kind == Address ? $"{name} takes {kind.Expected}." : $"{name} takes {kind.Expected}, not '{token.Value}'.");
                }
            });
        }

        /// <summary>An option that stands alone.</summary>
        public Setting(string name, string key, string alone, string about)
            : base(name)
        {
            (_key, _alone, Description) = ($"Simulator:{key}", alone, about);
            Arity = ArgumentArity.Zero;
        }

        public static UsageException NoValue(string name) => new($"{name} needs a value.");

        public string Read(OptionResult result) => $"--{_key}={_alone ?? _kind!.Read(result.Tokens[0].Value)}";
    }
}
