using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mqtt.Bridge.Tests;
using Testing;

namespace Tap.Simulator.Tests;

public sealed class WebSocketTapPauseTests
{
    [Fact]
    public async Task An_API_that_has_a_live_feed_and_takes_no_beer_is_asked_less_and_less_often()
    {
        await using var api = await FakeApi.StartAsync(503);
        await using var simulator = await Fleet.StartAsync(
            mqttPort: 1,
            ("INET_ADDR", new Uri(api.Urls.Single()).Authority),
            ("TAP_ID", "7"),
            ("MAX_PAUSE", "1"),
            ("Simulator:MaxBackoff", "00:00:02")
        );
        using var log = new LogLines();
        simulator.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);

        await Eventually.TrueAsync(
            () => Task.FromResult(log.Lines.Any(line => Regex.IsMatch(line, @"Tap 7 has no connection .* again in 00:00:0(0\.[2-9]|[12])"))),
            "the pauses grow"
        );
    }
}
