using Tap.Simulator;

namespace Tap.Simulator.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Short_options_become_configuration_keys() =>
        Assert.Equal(
            [
                "--Simulator:Verify:Enabled=true",
                "--Simulator:Taps=50",
                "--Simulator:Verify:Duration=00:00:20",
                "--Simulator:Faults:SendTwice=0.1",
                "--Simulator:Receipts=false",
                "--Simulator:MaxBackoff=00:00:01",
                "--urls=http://localhost:9",
            ],
            CommandLine.Expand([
                "--verify",
                "--taps",
                "50",
                "--duration",
                "20s",
                "--send-twice=0.1",
                "--no-receipts",
                "--Simulator:MaxBackoff=00:00:01",
                "--urls",
                "http://localhost:9",
            ])!
        );

    [Theory]
    [InlineData("0.5", "00:00:00.5000000")]
    [InlineData("00:01:00", "00:01:00")]
    public void A_duration_is_seconds_or_a_time_span(string text, string expected) =>
        Assert.Equal([$"--Simulator:Verify:Duration={expected}"], CommandLine.Expand(["--duration", text])!);

    [Theory]
    [InlineData("There is no option --tabs.", "--tabs", "5")]
    [InlineData("There is no option taps.", "taps")]
    [InlineData("--taps needs a value.", "--taps")]
    [InlineData("--taps needs a value.", "--taps", "--verify")]
    [InlineData("--taps takes a whole number, not 'many'.", "--taps", "many")]
    [InlineData("--rate takes a number, not 'fast'.", "--rate", "fast")]
    [InlineData("--corrupt takes a chance, 0 to 1, not '2'.", "--corrupt", "2")]
    [InlineData("--duration takes seconds, like 20s, or hours:minutes:seconds, not '5m'.", "--duration", "5m")]
    [InlineData("--mqtt takes an address with its scheme.", "--mqtt", "ann:secret@host")]
    [InlineData("--verify takes no value.", "--verify=yes")]
    public void A_wrong_option_is_named_in_one_sentence(string expected, params string[] arguments) =>
        Assert.Equal(expected, Assert.Throws<UsageException>(() => CommandLine.Expand(arguments)).Message);

    [Fact]
    public void The_help_names_every_option()
    {
        Assert.Null(CommandLine.Expand(["--taps", "5", "--help"]));
        Assert.All(CommandLine.Groups.SelectMany(group => group.Options), option => Assert.Contains($"  {option.Name} ", CommandLine.Help()));
    }
}
