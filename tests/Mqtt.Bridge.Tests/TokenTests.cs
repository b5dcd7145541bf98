using Microsoft.Extensions.Diagnostics.HealthChecks;
using MQTTnet;
using StackExchange.Redis;
using Taproom.Signals;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class TokenTests(RedisServer redis)
{
    private const string Pour = """{"volume":473}""";

    [Fact]
    public async Task A_token_that_was_taken_away_opens_nothing()
    {
        await using var bridge = await StartAsync();
        var token = TapTokens.Create(7);
        await bridge.Get<TapTokens>().LoadAsync(new Dictionary<int, byte[]> { [7] = TapTokens.Hash(token) });
        Assert.Equal(0, await PublishAsync(bridge, token));

        await bridge.Get<TapTokens>().SetAsync(7, null);

        Assert.NotEqual(0, await PublishAsync(bridge, token));
    }

    [Fact]
    public async Task While_the_registry_is_not_there_a_tap_is_told_to_come_again()
    {
        await using var bridge = await StartAsync();

        Assert.Equal(MqttClientConnectResultCode.ServerUnavailable, await ConnectAsync(bridge, "7", TapTokens.Create(7)));
    }

    [Fact]
    public async Task Refused_again_and_again_an_address_is_refused_unseen()
    {
        await using var bridge = await StartAsync(("Mqtt:MaxRefusalsPerSecond", "0.1"));
        var token = TapTokens.Create(7);
        await bridge.Get<TapTokens>().LoadAsync(new Dictionary<int, byte[]> { [7] = TapTokens.Hash(token) });

        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, await ConnectAsync(bridge, "7", "wrong"));
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, await ConnectAsync(bridge, "7", "wrong"));
        Assert.Equal(MqttClientConnectResultCode.ConnectionRateExceeded, await ConnectAsync(bridge, "7", token));

        var (_, output) = await Mosquitto.PublishAsync(bridge.Port, "taps/7/pours", Pour, "-V", "311", "-i", "tap", "-u", "7", "-P", token);
        Assert.Contains("unavailable", output);
    }

    [Fact]
    public async Task A_tap_with_wrong_tokens_does_not_lock_out_its_neighbours_behind_one_address()
    {
        // Four of one name, and 80 of all, are looked into at once.
        await using var bridge = await StartAsync(("Mqtt:MaxRefusalsPerSecond", "0.2"));
        var token = TapTokens.Create(7);
        await bridge.Get<TapTokens>().LoadAsync(new Dictionary<int, byte[]> { [7] = TapTokens.Hash(token) });
        for (var n = 0; n < 20; n++)
        {
            await ConnectAsync(bridge, "8", "wrong");
        }

        Assert.Equal(MqttClientConnectResultCode.ConnectionRateExceeded, await ConnectAsync(bridge, "8", "wrong"));
        Assert.Equal(MqttClientConnectResultCode.Success, await ConnectAsync(bridge, "7", token));
    }

    [Fact]
    public async Task More_connections_than_allowed_are_refused()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxConnections", "2"));
        using var first = await bridge.ConnectAsync("1");
        using var second = await bridge.ConnectAsync("2");
        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 2), "both are in");

        Assert.Equal(MqttClientConnectResultCode.ServerBusy, await ConnectAsync(bridge, "3", ""));

        await first.DisconnectAsync();
        await Eventually.TrueAsync(async () => await ConnectAsync(bridge, "3", "") == MqttClientConnectResultCode.Success, "there is room again");
    }

    [Fact]
    public async Task A_tap_cannot_throw_another_out_by_its_client_id()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7", clientId: "tap-7");
        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 1), "it is in");

        Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid, await ConnectAsync(bridge, "8", "", "tap-7"));
        Assert.True(tap.IsConnected);
    }

    [Fact]
    public async Task A_tap_is_online_while_it_is_connected()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var presence = bridge.Get<TapPresence>();
        using var tap = await bridge.ConnectAsync("7");

        await Eventually.TrueAsync(async () => (await presence.OnlineAsync([6, 7])).SetEquals([7]), "tap 7 is online");
        await tap.DisconnectAsync();
        await Eventually.TrueAsync(async () => (await presence.OnlineAsync([6, 7])).Count == 0, "tap 7 is offline");
    }

    private Task<TestBridge> StartAsync(params (string, string)[] settings) =>
        TestBridge.StartAsync(redis, [("Mqtt:AllowAnonymous", "false"), .. settings]);

    private static async Task<int> PublishAsync(TestBridge bridge, string token) =>
        (await Mosquitto.PublishAsync(bridge.Port, "taps/7/pours", Pour, "-V", "5", "-q", "1", "-i", "tap", "-u", "7", "-P", token)).ExitCode;

    private static async Task<MqttClientConnectResultCode> ConnectAsync(TestBridge bridge, string tap, string token, string? clientId = null)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var result = await client.ConnectAsync(
            new MqttClientOptionsBuilder()
                .WithTcpServer("127.0.0.1", bridge.Port)
                .WithTlsOptions(tls => tls.UseTls(false))
                .WithClientId(clientId ?? $"test-{Guid.NewGuid():N}")
                .WithCredentials(tap, token)
                .Build(),
            new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token
        );
        return result.ResultCode;
    }
}
