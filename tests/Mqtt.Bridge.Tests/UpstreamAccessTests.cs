using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Mqtt.Bridge.Upstream;
using Taproom.Ingest;
using Taproom.Signals;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>A broker over TLS that asks for user and password, with the access list of docs/brokers.md.</summary>
[Collection(nameof(RedisCollection))]
public sealed class UpstreamAccessTests : IAsyncLifetime
{
    private const string Password = "p@ss:w/rd#1%";

    private readonly RedisServer _redis;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taproom-");
    private readonly string _certificate;
    private readonly MosquittoBroker _broker;

    public UpstreamAccessTests(RedisServer redis)
    {
        _redis = redis;
        (_certificate, var key) = TestCertificate.Write(_folder.FullName);
        _broker = new MosquittoBroker(
            $"""
            allow_anonymous false
            password_file {PathOf("passwords")}
            acl_file {PathOf("acl")}
            certfile {_certificate}
            keyfile {key}
            """
        );
    }

    public async Task InitializeAsync()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(LocalServer.Repository, "docs/brokers.md"));
        await File.WriteAllTextAsync(PathOf("acl"), page.Split("```acl\n")[1].Split("```")[0]);
        await Mosquitto.WritePasswordsAsync(PathOf("passwords"), Password, "taproom", "7", "8");
        await _broker.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_access_list_of_the_docs_lets_taps_and_bridge_do_what_they_must_and_no_more()
    {
        await using var bridge = await StartAsync(Password);
        await bridge.JoinedAsync();
        using var tap = Mosquitto.Subscribe(_broker.Port, "#", [.. As("7"), "-i", "tap-7", "-F", "%t"]);
        try
        {
            var id = Guid.NewGuid();
            await Eventually.TrueAsync(() => Task.FromResult(bridge.Get<UpstreamLead>().IsOurs), "the bridge leads");
            var first = tap.StandardOutput.ReadLineAsync(BrokerTaps.Deadline()).AsTask();
            await Eventually.TrueAsync(
                async () =>
                {
                    Assert.Equal(0, await PublishAsync("7", "taps/7/pours", $$"""{"id":"{{id}}","volume":473}"""));
                    return first.IsCompleted;
                },
                "the tap hears a notice"
            );
            Assert.Equal("notices/pours", await first);

            // Of tap 8 first: when what follows is there, it would be there too.
            await PublishAsync("7", "taps/8/pours", """{"volume":250}""");
            await PublishAsync("8", "taps/8/pours", $$"""{"id":"{{id}}","volume":300}""");
            Assert.Equal(0, await PublishAsync("8", "taps/8/status", "online"));
            Assert.Equal(0, await PublishAsync("7", "taps/7/status", "online"));
            await Eventually.TrueAsync(async () => (await bridge.Get<TapPresence>().OnlineAsync([7, 8])).Count == 2, "both are online");
            var hearing = HearAsync(tap);
            await Eventually.TrueAsync(
                async () =>
                {
                    await bridge.Get<TapCommands>().QueueAsync(8, """{"command":"open"}""");
                    await bridge.Get<Receipts>().PublishAsync(new Receipt("8", [id]));
                    await bridge.Get<Receipts>().PublishAsync(new Receipt("7", [id]));
                    await bridge.Get<TapCommands>().QueueAsync(7, """{"command":"open"}""");
                    return hearing.IsCompleted;
                },
                "the tap hears its receipts and commands"
            );

            Assert.DoesNotContain(await hearing, topic => topic.StartsWith("taps/8/", StringComparison.Ordinal));
            Assert.DoesNotContain(await bridge.EntriesAsync(), entry => entry["body"].Contains("\"volume\":250"));
        }
        finally
        {
            tap.Kill();
        }
    }

    [Fact]
    public async Task A_wrong_password_is_logged_and_seen_in_health_without_being_shown_and_the_broker_is_not_hammered()
    {
        await using var bridge = await StartAsync("a-wrong-secret");
        using var log = new LogLines();
        bridge.Get<ILoggerFactory>().AddProvider(log);

        await Eventually.TrueAsync(() => Task.FromResult(log.Lines.Count(line => line.StartsWith("No connection")) >= 3), "it tries again");

        await Eventually.TrueAsync(
            async () =>
                (await bridge.Get<HealthCheckService>().CheckHealthAsync()).Entries["upstream"] is { Status: HealthStatus.Degraded } health
                && health.Description
                    == $"There is no connection to the broker 127.0.0.1:{_broker.Port}: The broker refused the connection: NotAuthorized.",
            "health says why"
        );
        Assert.All(log.Lines, line => Assert.DoesNotContain("secret", line));
        Assert.Contains(log.Lines, line => line.Contains("NotAuthorized"));
    }

    [Theory]
    [InlineData(false, "127.0.0.1", "Its certificate is refused: RemoteCertificateChainErrors")]
    [InlineData(true, "localhost", "Its certificate is refused: RemoteCertificateNameMismatch")]
    public async Task A_broker_that_nobody_vouches_for_or_that_has_another_name_is_not_trusted(bool isVouchedFor, string host, string why)
    {
        await using var bridge = await StartAsync(
            Password,
            isVouchedFor ? _certificate : null,
            ("Mqtt:Upstream", $"mqtts://taproom:{Uri.EscapeDataString(Password)}@{host}:{_broker.Port}")
        );

        var health = await Eventually.ValueAsync(
            async () =>
                (await bridge.Get<HealthCheckService>().CheckHealthAsync()).Entries["upstream"].Description is { } text && text.Contains(why)
                    ? text
                    : null,
            "the certificate is refused"
        );

        Assert.DoesNotContain(Password, health);
    }

    [Theory]
    [InlineData("none.pem")]
    [InlineData("acl")]
    public async Task A_file_of_authorities_that_cannot_be_used_stops_the_start_with_a_sentence_that_names_it(string name)
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(Password, PathOf(name)));

        Assert.StartsWith($"Mqtt:UpstreamCa '{PathOf(name)}' cannot be used: ", error.Message);
    }

    [Fact]
    public async Task Two_bridges_with_one_client_id_put_each_other_out_less_and_less_often_and_say_what_may_be_wrong()
    {
        // Short pauses would be forgotten where a machine is slow: who stays for twice the longest begins again with the first.
        await using var one = await StartAsync(Password, _certificate, ("Mqtt:UpstreamMaxBackoff", "00:00:30"));
        using var log = new LogLines();
        one.Get<ILoggerFactory>().AddProvider(log);
        await one.JoinedAsync();

        await using var two = await StartAsync(Password, _certificate, ("Mqtt:UpstreamMaxBackoff", "00:00:30"));

        await Eventually.TrueAsync(
            () => Task.FromResult(log.Lines.Any(line => Regex.IsMatch(line, "next attempt in 00:00:0[1-9]"))),
            "the pauses grow"
        );
        await Eventually.TrueAsync(
            () => Task.FromResult(log.Lines.Any(line => line.Contains("perhaps another client has this client id"))),
            "it is told"
        );
    }

    private static async Task<IReadOnlySet<string>> HearAsync(Process tap)
    {
        var heard = new HashSet<string>();
        while (!heard.IsSupersetOf(["taps/7/receipts", "taps/7/commands"]))
        {
            heard.Add((await tap.StandardOutput.ReadLineAsync(BrokerTaps.Deadline()))!);
        }

        return heard;
    }

    private Task<TestBridge> StartAsync(string password) => StartAsync(password, _certificate);

    private Task<TestBridge> StartAsync(string password, string? authorities, params (string Key, string Value)[] overrides) =>
        _broker.StartBridgeAsync(
            _redis,
            "one",
            [
                ("Mqtt:Upstream", $"mqtts://taproom:{Uri.EscapeDataString(password)}@127.0.0.1:{_broker.Port}"),
                ("Mqtt:UpstreamCa", authorities!),
                .. overrides,
            ]
        );

    private async Task<int> PublishAsync(string user, string topic, string payload) =>
        (await Mosquitto.PublishAsync(_broker.Port, topic, payload, As(user))).ExitCode;

    private string[] As(string user) => ["-V", "5", "-q", "1", "-u", user, "-P", Password, "--cafile", _certificate];

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);
}
