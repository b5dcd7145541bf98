using Microsoft.Extensions.Configuration;
using Taproom.Simulator;

namespace Tap.Simulator.Tests;

public sealed class BridgeAddressTests
{
    [Theory]
    [InlineData(null, null, null, "localhost", 1883)]
    [InlineData("tcp://bridge:41883", null, null, "bridge", 41883)]
    [InlineData("mqtt://127.0.0.1:1884", null, null, "127.0.0.1", 1884)]
    [InlineData("mqtt://bridge", null, null, "bridge", 1883)]
    [InlineData("tcp://bridge:41883", "other", "1999", "other", 1999)]
    [InlineData(null, null, "1999", "localhost", 1999)]
    public void The_address_comes_from_the_settings_or_from_the_endpoint_that_is_handed_out(
        string? endpoint, string? host, string? port, string expectedHost, int expectedPort)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["services:mqtt-bridge:mqtt:0"] = endpoint,
            ["Mqtt:Host"] = host,
            ["Mqtt:Port"] = port,
        }).Build();

        Assert.Equal(new BridgeAddress(expectedHost, expectedPort), BridgeAddress.From(configuration));
    }

    [Fact]
    public void An_endpoint_that_is_no_address_is_named()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["services:mqtt-bridge:mqtt:0"] = "http://bridge:80" }).Build();

        Assert.Contains("'http://bridge:80'", Assert.Throws<InvalidOperationException>(() => BridgeAddress.From(configuration)).Message);
    }
}
