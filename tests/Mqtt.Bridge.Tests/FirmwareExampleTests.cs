using System.Diagnostics;
using Mqtt.Bridge.Tests.Clients;
using Taproom.Ingest;
using Taproom.Signals;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>Runs the examples of docs/firmware.md as they stand there.</summary>
[Collection(nameof(RedisCollection))]
public sealed class FirmwareExampleTests(RedisServer redis) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taproom-");
    private readonly string _token = TapTokens.Create(7);
    private readonly List<string> _scripts = [];

    public static TheoryData<string> Examples => ["MQTT.js 5", "MQTT.js 3.1.1", "paho"];

    [Theory, MemberData(nameof(Examples))]
    public async Task The_example_sends_its_pour_until_the_receipt_and_then_frees_it(string example)
    {
        await using var first = await StartAsync();
        using var tap = Run(first, example);
        try
        {
            await Eventually.TrueAsync(async () => (await first.EntriesAsync()).Count == 1, "the pour is there");
            var id = Assert.Single(await first.EntriesAsync())["id"];
            Assert.Contains(id, Journal());

            await first.StopAsync();
            await using var bridge = await first.RestartAsync();
            await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 2, "the pour comes again after the reconnect");
            Assert.All(await bridge.EntriesAsync(), entry => Assert.Equal(id, entry["id"]));

            await ReceiptsAsync(bridge, id, () => Journal() == "[]");
            Assert.Equal($"stored {id}", await tap.StandardOutput.ReadLineAsync(Deadline()));
        }
        finally
        {
            tap.Kill();
        }
    }

    [Theory, MemberData(nameof(Examples))]
    public async Task The_example_says_that_it_is_refused_keeps_its_pour_and_comes_again(string example)
    {
        await using var bridge = await StartAsync();
        await bridge.Get<TapTokens>().SetAsync(7, TapTokens.Hash(TapTokens.Create(7)));
        using var tap = Run(bridge, example);
        try
        {
            Assert.Matches("(?i)not authori[sz]ed", await tap.StandardError.ReadLineAsync(Deadline()));
            await Eventually.TrueAsync(() => Task.FromResult(File.Exists(JournalPath) && Journal().Contains("473")), "the pour is kept");
            Assert.Empty(await bridge.EntriesAsync());

            await bridge.Get<TapTokens>().SetAsync(7, TapTokens.Hash(_token));

            await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 1, "the pour is there");
        }
        finally
        {
            tap.Kill();
        }
    }

    [Theory, MemberData(nameof(Examples))]
    public async Task The_example_sends_what_an_earlier_run_owes_and_says_whether_it_is_there(string example)
    {
        await using var bridge = await StartAsync();
        var owed = Guid.NewGuid();
        File.WriteAllText(JournalPath, $$"""[{"id":"{{owed}}","volume":250}]""");
        using var listener = new ForeignClient("mosquitto 5", 5, MosquittoDriver.Run).Listen(
            bridge,
            "7",
            _token,
            "taps/7/status",
            clientId: "listener"
        );
        Assert.Equal(0, await listener.AnsweredAsync());
        using (var tap = Run(bridge, example))
        {
            await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 2, "the old pour and a new one are there");
            tap.Kill();
        }

        Assert.Single(await bridge.EntriesAsync(), entry => entry["id"] == owed.ToString());
        Assert.Contains($"{owed}", Journal());
        await Eventually.TrueAsync(() => Task.FromResult(listener.Messages.Count >= 2), "the tap has come and gone");
        Assert.Equal(["online", "offline"], listener.Messages.Select(message => message.Payload));
    }

    [Fact]
    public async Task The_example_for_MQTT_5_gives_up_what_is_refused()
    {
        await using var bridge = await StartAsync();
        var refused = Guid.NewGuid();
        File.WriteAllText(JournalPath, $$"""[{"id":"{{refused}}","volume":25}]""");
        using var tap = Run(bridge, "MQTT.js 5");
        try
        {
            await Eventually.TrueAsync(() => Task.FromResult(!Journal().Contains($"{refused}")), "the refused one is given up");
            Assert.Contains("Payload format invalid", await tap.StandardError.ReadLineAsync(Deadline()));
        }
        finally
        {
            tap.Kill();
        }
    }

    [Fact]
    public async Task The_examples_for_mosquitto_pour_and_listen()
    {
        await using var bridge = await StartAsync();
        File.WriteAllText(Path.Combine(_folder.FullName, "mosquitto_pub"), $"-p {bridge.Port}\n");
        File.WriteAllText(Path.Combine(_folder.FullName, "mosquitto_sub"), $"-p {bridge.Port}\n-C 1\n");

        using var pour = Start(new ProcessStartInfo("bash", ["-c", Example("bash", "mosquitto_pub")]));
        Assert.Equal("", await pour.StandardError.ReadToEndAsync(Deadline()));
        var id = Assert.Single(await bridge.EntriesAsync())["id"];
        using var listener = Start(new ProcessStartInfo("bash", ["-c", $"exec {Example("bash", "mosquitto_sub")}"]));
        try
        {
            await ReceiptsAsync(bridge, id, () => listener.HasExited);
            Assert.Equal($$"""taps/7/receipts {"ids":["{{id}}"]}""" + "\n", await listener.StandardOutput.ReadToEndAsync());
        }
        finally
        {
            listener.Kill();
        }
    }

    public void Dispose()
    {
        _scripts.ForEach(File.Delete);
        _folder.Delete(recursive: true);
    }

    private string JournalPath => Path.Combine(_folder.FullName, "tap-7.json");

    private string Journal() => File.ReadAllText(JournalPath);

    private async Task<TestBridge> StartAsync()
    {
        var bridge = await TestBridge.StartAsync(redis, ("Mqtt:AllowAnonymous", "false"));
        await bridge.Get<TapTokens>().LoadAsync(new Dictionary<int, byte[]> { [7] = TapTokens.Hash(_token) });
        return bridge;
    }

    // A receipt that is not heard yet is lost, as the contract has it.
    private static Task ReceiptsAsync(TestBridge bridge, string id, Func<bool> until) =>
        Eventually.TrueAsync(
            async () =>
            {
                await bridge.Get<Receipts>().PublishAsync(new Receipt("7", [Guid.Parse(id)]));
                return until();
            },
            "the receipt is there"
        );

    private Process Run(TestBridge bridge, string example)
    {
        var start =
            example == "paho"
                ? ForeignPrograms.Python(Script(_folder.FullName, "py", Example("python", "import paho")))
                // Where it lies, Node.js finds MQTT.js.
                : ForeignPrograms.Node(
                    Script(
                        ForeignPrograms.MqttJs,
                        "mjs",
                        Example("js", "from 'mqtt'").Replace("protocolVersion: 5", $"protocolVersion: {(example.EndsWith(" 5") ? 5 : 4)}")
                    )
                );
        start.Environment["MQTT_URL"] = $"mqtt://127.0.0.1:{bridge.Port}";
        (start.Environment["MQTT_HOST"], start.Environment["MQTT_PORT"]) = ("127.0.0.1", $"{bridge.Port}");
        return Start(start);
    }

    private Process Start(ProcessStartInfo start)
    {
        start.WorkingDirectory = _folder.FullName;
        (start.Environment["TAP_ID"], start.Environment["TOKEN"], start.Environment["XDG_CONFIG_HOME"]) = ("7", _token, _folder.FullName);
        return ForeignPrograms.Start(start);
    }

    private string Script(string folder, string extension, string content)
    {
        var script = Path.Combine(folder, $"tap-{Guid.NewGuid():N}.{extension}");
        _scripts.Add(script);
        File.WriteAllText(script, content);
        return script;
    }

    /// <summary>The one block of code in a language that holds a text.</summary>
    private static string Example(string language, string text) =>
        File.ReadAllText(Path.Combine(LocalServer.Repository, "docs/firmware.md"))
            .Split($"```{language}\n")[1..]
            .Select(block => block.Split("```")[0])
            .Single(block => block.Contains(text));

    private static CancellationToken Deadline() => new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;
}
