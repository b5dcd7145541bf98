using System.ComponentModel;
using System.Diagnostics;
using Taproom.Ingest;
using Taproom.Taps;
using Taproom.Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>Runs the example for MQTT.js of docs/firmware.md as it stands there.</summary>
[Collection(nameof(RedisCollection))]
public sealed class FirmwareExampleTests(RedisServer redis) : IDisposable
{
    private static readonly string MqttJs = Path.Combine(LocalServer.Repository, "artifacts/tools/mqttjs");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taproom-");
    private readonly List<string> _scripts = [];

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public async Task The_example_pours_keeps_the_pour_until_its_receipt_and_then_frees_it(int protocolVersion)
    {
        await using var bridge = await StartAsync();
        using var tap = await RunAsync(bridge, await TokenAsync(bridge), protocolVersion);
        try
        {
            await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 1, "the pour is there");
            var id = Assert.Single(await bridge.EntriesAsync())["id"];
            Assert.Contains(id, Journal());

            await bridge.Get<Receipts>().PublishAsync(new Receipt("7", [Guid.Parse(id)]));

            Assert.Equal($"stored {id}", await tap.StandardOutput.ReadLineAsync(Deadline()));
            await Eventually.TrueAsync(() => Task.FromResult(Journal() == "[]"), "the journal is empty");
        }
        finally
        {
            tap.Kill();
        }
    }

    [Fact]
    public async Task The_example_sends_what_an_earlier_run_owes_and_gives_up_what_is_refused()
    {
        await using var bridge = await StartAsync();
        var (owed, refused) = (Guid.NewGuid(), Guid.NewGuid());
        File.WriteAllText(JournalPath, $$"""[{"id":"{{owed}}","volume":250},{"id":"{{refused}}","volume":25}]""");
        using var tap = await RunAsync(bridge, await TokenAsync(bridge), protocolVersion: 5);
        try
        {
            await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 2, "the old pour and a new one are there");
            Assert.Contains(await bridge.EntriesAsync(), entry => entry["id"] == owed.ToString());
            await Eventually.TrueAsync(() => Task.FromResult(!Journal().Contains($"{refused}")), "the refused one is given up");
            Assert.Contains($"{owed}", Journal());
        }
        finally
        {
            tap.Kill();
        }
    }

    [Fact]
    public async Task The_example_says_that_its_token_is_wrong_and_keeps_the_pour()
    {
        await using var bridge = await StartAsync();
        await TokenAsync(bridge);
        using var tap = await RunAsync(bridge, TapTokens.Create(7), protocolVersion: 5);
        try
        {
            Assert.Contains("Not authorized", await tap.StandardError.ReadLineAsync(Deadline()));
            Assert.Contains("473", Journal());
            Assert.Empty(await bridge.EntriesAsync());
        }
        finally
        {
            tap.Kill();
        }
    }

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _scripts.ForEach(File.Delete);
    }

    private string JournalPath => Path.Combine(_folder.FullName, "tap-7.json");

    private string Journal() => File.ReadAllText(JournalPath);

    private Task<TestBridge> StartAsync() => TestBridge.StartAsync(redis, ("Mqtt:AllowAnonymous", "false"));

    private static async Task<string> TokenAsync(TestBridge bridge)
    {
        var token = TapTokens.Create(7);
        await bridge.Get<TapTokens>().LoadAsync(new Dictionary<int, byte[]> { [7] = TapTokens.Hash(token) });
        return token;
    }

    private async Task<Process> RunAsync(TestBridge bridge, string token, int protocolVersion)
    {
        if (!Directory.Exists(Path.Combine(MqttJs, "node_modules/mqtt")))
        {
            throw new InvalidOperationException("MQTT.js is needed: ./test installs it, or npm install --prefix artifacts/tools/mqttjs mqtt@5.");
        }

        var page = await File.ReadAllTextAsync(Path.Combine(LocalServer.Repository, "docs/firmware.md"));
        var example = page.Split("```js\n")[1].Split("```")[0].Replace("protocolVersion: 5", $"protocolVersion: {protocolVersion}");
        // Where it lies, Node finds MQTT.js.
        var script = Path.Combine(MqttJs, $"tap-{Guid.NewGuid():N}.mjs");
        _scripts.Add(script);
        await File.WriteAllTextAsync(script, example);
        try
        {
            return Process.Start(new ProcessStartInfo("node", [script])
            {
                WorkingDirectory = _folder.FullName,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["TAP_ID"] = "7", ["TOKEN"] = token, ["MQTT_URL"] = $"mqtt://127.0.0.1:{bridge.Port}" },
            })!;
        }
        catch (Win32Exception ex)
        {
            throw new InvalidOperationException("node is needed: install Node.js 20 or later.", ex);
        }
    }

    private static CancellationToken Deadline() => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;
}
