using Taproom.Simulator;

namespace Tap.Simulator.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Short_options_become_configuration_keys() => Assert.Equal(
        [
            "--Simulator:Verify:Enabled=true", "--Simulator:Taps=50", "--Simulator:Verify:Duration=00:00:20",
            "--Simulator:Faults:SendTwice=0.1", "--Mqtt:Port=1884",
        ],
        CommandLine.Expand(["--verify", "--taps", "50", "--duration", "20s", "--send-twice", "0.1", "--Mqtt:Port=1884"]));

    [Theory]
    [InlineData("0.5", "00:00:00.5000000")]
    [InlineData("00:01:00", "00:01:00")]
    public void A_duration_is_seconds_or_a_time_span(string text, string expected) =>
        Assert.Equal([$"--Simulator:Verify:Duration={expected}"], CommandLine.Expand(["--duration", text]));
}
