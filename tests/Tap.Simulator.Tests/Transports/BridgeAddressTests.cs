using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Taproom;

namespace Tap.Simulator.Tests;

public sealed class BridgeAddressTests
{
    [Theory]
    [InlineData(null, null, "localhost", 1883, false)]
    [InlineData("tcp://bridge:41883", null, "bridge", 41883, false)]
    [InlineData("mqtt://bridge", null, "bridge", 1883, false)]
    [InlineData("tcp://bridge:41883", "mqtt://127.0.0.1:1884", "127.0.0.1", 1884, false)]
    [InlineData(null, "mqtts://broker.example", "broker.example", 8883, true)]
    public async Task The_address_is_what_is_set_or_the_endpoint_that_is_handed_out(
        string? endpoint,
        string? address,
        string host,
        int port,
        bool tls
    )
    {
        await using var app = Build(endpoint, address);

        Assert.Equal(new MqttAddress(host, port, tls), MqttAddress.Parse(app.Services.GetRequiredService<IOptions<TransportOptions>>().Value.Mqtt!));
    }

    [Theory]
    [InlineData("http://bridge:80")]
    [InlineData("not an address with a secret")]
    public async Task What_is_no_such_address_is_refused_and_not_repeated_because_it_may_hold_a_password(string address)
    {
        await using var app = Build(null, address);

        Assert.Equal(
            "The address for MQTT must be mqtt://host:port or mqtts://user:password@host:port.",
            Assert.Throws<UsageException>(app.CheckStart).Message
        );
    }

    private static WebApplication Build(string? endpoint, string? address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["services:mqtt-bridge:mqtt:0"] = endpoint, ["Simulator:Mqtt"] = address }
        );
        builder.AddSimulator();
        return builder.Build();
    }
}
