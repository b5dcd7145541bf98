using Mqtt.Bridge.Tests;
using Testing;

namespace Tap.Simulator.Tests;

[Collection(nameof(RedisCollection))]
public sealed class AnyBrokerTests(RedisServer redis)
{
    [Theory]
    [InlineData("0")]
    [InlineData("0.2")]
    public async Task Taps_pour_over_TLS_also_when_they_stop_reading(string stopReading)
    {
        using var folder = new TemporaryFolder();
        var (certificate, key) = TestCertificate.Write(folder.Path);
        var port = LocalServer.FreePort();
        await using var bridge = await TestBridge.StartAsync(
            redis,
            ("Mqtt:TlsPort", $"{port}"),
            ("Mqtt:TlsCertificate", certificate),
            ("Mqtt:TlsKey", key)
        );
        // What the process trusts is the certificate alone.
        await using var simulator = ServiceProcess.Start(
            "Tap.Simulator",
            new Dictionary<string, string?> { ["SSL_CERT_FILE"] = certificate },
            "--mqtt",
            $"mqtts://127.0.0.1:{port}",
            "--rate",
            "30",
            "--stop-reading",
            stopReading,
            "--stop-reading-for",
            "1s"
        );

        await Eventually.TrueAsync(
            async () => (await bridge.EntriesAsync()).DistinctBy(entry => entry["id"]).Count() >= 20,
            "pours flow",
            TimeSpan.FromSeconds(60)
        );
    }

    [Fact]
    public async Task All_taps_use_the_account_of_a_broker_that_has_one_and_keep_nothing_that_it_has_acknowledged()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(
            bridge.Port,
            ("Simulator:Mqtt", $"mqtt://1:none@127.0.0.1:{bridge.Port}"),
            ("Simulator:Taps", "1"),
            ("Simulator:Receipts", "false"),
            ("Simulator:ResendAfter", "00:00:00.1")
        );

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count >= 30, "pours flow");
        await simulator.StopAsync();

        var entries = await bridge.EntriesAsync();
        Assert.Equal(entries.Count, entries.DistinctBy(entry => entry["id"]).Count());
    }
}
