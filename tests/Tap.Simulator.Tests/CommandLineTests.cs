using Microsoft.Extensions.Configuration;

namespace Tap.Simulator.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Short_options_become_configuration_keys_and_keys_stay_what_they_are() =>
        Assert.Equal(
            new Dictionary<string, string?>
            {
                ["Simulator:Verify:Enabled"] = "true",
                ["Simulator:Taps"] = "50",
                ["Simulator:Verify:Duration"] = "00:00:20",
                ["Simulator:Faults:SendTwice"] = "0.1",
                ["Simulator:Receipts"] = "false",
                ["Simulator:MaxBackoff"] = "00:00:01",
                ["Simulator:Seed"] = "-7",
                ["Simulator:AdminKey"] = "@key=with",
                ["urls"] = "http://localhost:9",
            },
            Read(
                "--verify",
                "--taps",
                "50",
                "--duration",
                "20s",
                "--send-twice=0.1",
                "--no-receipts",
                "--Simulator:MaxBackoff=00:00:01",
                "--Simulator:Seed",
                "-7",
                "--admin-key",
                "@key=with",
                "--urls",
                "http://localhost:9"
            )
        );

    [Theory]
    [InlineData("0.5", "00:00:00.5000000")]
    [InlineData("00:01:00", "00:01:00")]
    public void A_duration_is_seconds_or_a_time_span(string text, string expected) =>
        Assert.Equal(expected, Read("--duration", text)["Simulator:Verify:Duration"]);

    [Theory]
    [InlineData("There is no option --tabs.", "--tabs", "5")]
    [InlineData("There is no option taps.", "taps")]
    [InlineData("--taps needs a value.", "--taps")]
    [InlineData("--taps needs a value.", "--taps", "--verify")]
    [InlineData("--taps needs a value.", "--taps", "--Simulator:Seed=7")]
    [InlineData("--Simulator:Seed needs a value.", "--Simulator:Seed")]
    [InlineData("There is no option --secret.", "--secret=key")]
    [InlineData("--taps takes a whole number, not 'many'.", "--taps", "many")]
    [InlineData("--rate takes a number, not 'fast'.", "--rate", "fast")]
    [InlineData("--corrupt takes a chance, 0 to 1, not '2'.", "--corrupt", "2")]
    [InlineData("--duration takes seconds, like 20s, or hours:minutes:seconds, not '5m'.", "--duration", "5m")]
    [InlineData("--mqtt takes an address with its scheme.", "--mqtt", "ann:secret@host")]
    [InlineData("--verify takes no value.", "--verify=yes")]
    public void A_wrong_option_is_named_in_one_sentence(string expected, params string[] arguments) =>
        Assert.Equal(expected, Assert.Throws<UsageException>(() => Read(arguments)).Message);

    private static Dictionary<string, string?> Read(params string[] arguments) =>
        new ConfigurationBuilder()
            .AddCommandLine(CommandLine.Parse(arguments).ToConfiguration(arguments))
            .Build()
            .AsEnumerable()
            .Where(setting => setting.Value is not null)
            .ToDictionary();
}
