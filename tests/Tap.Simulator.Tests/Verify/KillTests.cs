using System.Text.Json;
using Mqtt.Bridge.Tests;
using Testing;

namespace Tap.Simulator.Tests;

[Collection(nameof(LineCollection))]
public sealed class KillTests(Line line)
{
    private static readonly TimeSpan BetweenKills = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Fifty_taps_lose_no_pour_and_double_none_while_the_bridge_is_killed_again_and_again()
    {
        using var journals = new TemporaryFolder();
        await using var simulator = line.Simulator(
            "--verify",
            "--taps",
            "50",
            "--first-tap",
            "1001",
            "--rate",
            "100",
            "--duration",
            "15s",
            "--seed",
            "7",
            "--journal",
            journals.Path,
            "--drop-connection",
            "0.02",
            "--stop-mid-pour",
            "0.02",
            "--send-twice",
            "0.05",
            "--out-of-order",
            "0.05",
            "--skew-clock",
            "0.05",
            "--corrupt",
            "0.02"
        );
        var kills = 0;
        using (var pace = new PeriodicTimer(BetweenKills))
        {
            // Until the taps have poured their last; then the bridge that is up must be enough.
            while (kills < 5 && await pace.WaitForNextTickAsync() && !simulator.HasExited)
            {
                await line.KillBridgeAsync();
                kills++;
            }
        }

        var (exitCode, output) = await simulator.ExitAsync(TimeSpan.FromMinutes(2));

        Assert.True(exitCode == 0, output);
        Assert.Matches(@"poured \d{3,}, stored \d{3,}, refused 0, lost 0, duplicated 0", output);
        Assert.True(kills >= 4, $"The bridge was killed {kills} times only.");
    }

    [Fact]
    public async Task A_simulator_that_is_killed_goes_on_with_its_journals()
    {
        using var journals = new TemporaryFolder();
        await using var bridge = await TestBridge.StartAsync(line.Servers.Redis);
        var settings = new Dictionary<string, string?>
        {
            ["services:mqtt-bridge:mqtt:0"] = $"tcp://127.0.0.1:{bridge.Port}",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        };
        string[] arguments = ["--taps", "5", "--rate", "100", "--journal", journals.Path];

        for (var round = 0; round < 3; round++)
        {
            await using var simulator = ServiceProcess.Start("Tap.Simulator", settings, arguments);
            var before = (await bridge.EntriesAsync()).Count;
            await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count > before + 50, "the taps pour");
            await simulator.KillAsync();
        }

        // Nothing stores here, so nothing was freed: every pour of every life must be there, under a number of its own.
        await using var last = ServiceProcess.Start(
            "Tap.Simulator",
            settings,
            ["--taps", "5", "--journal", journals.Path, "--Simulator:MinPause=1.00:00:00", "--Simulator:MaxPause=1.00:00:00"]
        );
        await Eventually.TrueAsync(
            async () =>
            {
                var taps = (await bridge.EntriesAsync()).DistinctBy(entry => entry["id"]).GroupBy(entry => entry["tap"]).ToList();
                return taps.Count == 5 && taps.All(tap => IsWhole(tap.Select(entry => SeqOf(entry["body"]))));
            },
            "no number is missing"
        );
        var seqs = (await bridge.EntriesAsync()).DistinctBy(entry => entry["id"]).GroupBy(entry => (entry["tap"], SeqOf(entry["body"])));
        Assert.All(seqs, pours => Assert.Single(pours));
    }

    private static bool IsWhole(IEnumerable<int> seqs)
    {
        var ordered = seqs.Order().ToList();
        return ordered.SequenceEqual(Enumerable.Range(1, ordered.Count));
    }

    private static int SeqOf(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("seq").GetInt32();
    }
}
