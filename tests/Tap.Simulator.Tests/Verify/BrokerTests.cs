using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mqtt.Bridge.Tests;
using Testing;

namespace Tap.Simulator.Tests;

/// <summary>The whole line with taps behind an existing broker, which two bridges have joined.</summary>
[Collection(nameof(LineCollection))]
public sealed class BrokerTests(Line line) : IAsyncLifetime
{
    private static readonly TimeSpan BetweenRestarts = TimeSpan.FromSeconds(3);

    private readonly MosquittoBroker _broker = new();
    private Dictionary<string, string?> _settings = null!;

    public async Task InitializeAsync()
    {
        await _broker.InitializeAsync();
        _settings = new(line.At("http://127.0.0.1:0"))
        {
            ["Mqtt:Upstream"] = $"mqtt://127.0.0.1:{_broker.Port}",
            ["Simulator:Mqtt"] = $"mqtt://127.0.0.1:{_broker.Port}",
            ["Simulator:ResendAfter"] = "00:00:03",
        };
    }

    public Task DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Taps_behind_a_broker_that_restarts_lose_no_pour_and_double_none_and_both_bridges_have_work()
    {
        using var journals = new TemporaryFolder();
        await using var one = await JoinAsync("one");
        await using var two = await JoinAsync("two");
        using var work = new Work(one, two);

        await using var simulator = ServiceProcess.Start(
            "Tap.Simulator",
            _settings,
            [
                "--verify",
                "--first-tap",
                "2001",
                "--taps",
                "20",
                "--rate",
                "60",
                "--duration",
                "12s",
                "--seed",
                "7",
                "--journal",
                journals.Path,
                "--drop-connection",
                "0.02",
                "--send-twice",
                "0.05",
                "--out-of-order",
                "0.05",
                "--corrupt",
                "0.05",
            ]
        );
        using (var pace = new PeriodicTimer(BetweenRestarts))
        {
            await pace.WaitForNextTickAsync();
            await _broker.StopAsync();
            await _broker.StartAsync();
            await pace.WaitForNextTickAsync();
            await _broker.KillAsync();
            await _broker.StartAsync();
            work.Forget();
        }

        var (exitCode, output) = await simulator.ExitAsync(TimeSpan.FromMinutes(2));

        Assert.True(exitCode == 0, output);
        Assert.Matches(@"poured \d{3,}, stored \d{3,}, refused 0, lost 0, duplicated 0", output);
        Assert.True(
            work.OfEach.All(messages => messages > 0),
            $"Since the last restart the bridges had {string.Join(" and ", work.OfEach)} messages."
        );
    }

    private async Task<TestBridge> JoinAsync(string clientId)
    {
        var bridge = await TestBridge.StartAsync(
            line.Servers.Redis,
            [
                .. _settings.Select(setting => (setting.Key, setting.Value!)),
                ("Mqtt:Port", $"{LocalServer.FreePort()}"),
                ("Mqtt:UpstreamClientId", clientId),
                // Soon enough to have work before the taps end.
                ("Mqtt:UpstreamMaxBackoff", "00:00:00.5"),
            ]
        );
        await Eventually.TrueAsync(async () => await bridge.HealthAsync("upstream") == HealthStatus.Healthy, "the broker is joined");
        return bridge;
    }

    /// <summary>How many messages each of some bridges has answered.</summary>
    private sealed class Work : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly long[] _answered;

        public Work(params TestBridge[] bridges)
        {
            _answered = new long[bridges.Length];
            var factories = bridges.Select(bridge => bridge.Get<IMeterFactory>()).ToList();
            _listener.InstrumentPublished = (instrument, self) =>
            {
                if (
                    instrument.Name == "messaging.client.consumed.messages"
                    && factories.IndexOf((instrument.Meter.Scope as IMeterFactory)!) is >= 0 and var n
                )
                {
                    self.EnableMeasurementEvents(instrument, n);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, count, _, n) => Interlocked.Add(ref _answered[(int)n!], count));
            _listener.Start();
        }

        public IReadOnlyList<long> OfEach => _answered;

        public void Forget() => Array.Clear(_answered);

        public void Dispose() => _listener.Dispose();
    }
}
