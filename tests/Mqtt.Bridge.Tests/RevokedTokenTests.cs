using Microsoft.Extensions.Hosting;
using Mqtt.Bridge.Clients;
using MQTTnet;
using MQTTnet.Formatter;
using StackExchange.Redis;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class RevokedTokenTests(RedisServer redis)
{
    private readonly string _token = TapTokens.Create(7);
    private readonly string _otherToken = TapTokens.Create(8);

    [Theory]
    [InlineData(MqttProtocolVersion.V500, MqttClientDisconnectReason.NotAuthorized)]
    [InlineData(MqttProtocolVersion.V311, null)]
    public async Task A_tap_whose_token_is_taken_away_is_disconnected_and_no_other(MqttProtocolVersion version, MqttClientDisconnectReason? told)
    {
        await using var bridge = await StartAsync();
        using var tap = await bridge.ConnectAsync("7", version, token: _token);
        using var other = await bridge.ConnectAsync("8", version, token: _otherToken);
        var ended = EndOf(tap);

        await bridge.Get<TapTokens>().SetAsync(7, null);

        var reason = await ended.WaitAsync(TimeSpan.FromMinutes(1));
        // MQTT 3.1.1 has no way to be told why.
        Assert.Equal(told ?? reason, reason);
        Assert.True((await other.PublishAsync(PourTests.Pour("taps/8/pours", """{"volume":473}"""))).IsSuccess);
    }

    [Fact]
    public async Task Whichever_bridge_has_the_connection_ends_it()
    {
        await using var bridge = await StartAsync();
        await using var second = await StartAsync(("Ingest:Prefix", bridge.Keys.Prefix));
        using var tap = await second.ConnectAsync("7", token: _token);
        var ended = EndOf(tap);

        await bridge.Get<TapTokens>().SetAsync(7, null);

        Assert.Equal(MqttClientDisconnectReason.NotAuthorized, await ended.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task A_replaced_token_lets_its_tap_in_and_stay_until_its_grace_is_over()
    {
        await using var bridge = await StartAsync();
        var token = TapTokens.Create(7);
        await ReplaceAsync(bridge, token, TimeSpan.FromHours(1));
        using var tap = await bridge.ConnectAsync("7", token: _token);
        using var renewed = await bridge.ConnectAsync("7", token: token);
        var ended = EndOf(tap);

        await ReplaceAsync(bridge, token, TimeSpan.FromSeconds(2));
        Assert.False(ended.IsCompleted);

        Assert.Equal(MqttClientDisconnectReason.NotAuthorized, await ended.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.True((await renewed.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":473}"""))).IsSuccess);
    }

    [Fact]
    public async Task A_change_that_nobody_was_told_of_is_found_all_the_same()
    {
        await using var bridge = await StartAsync();
        using var tap = await bridge.ConnectAsync("7", token: _token);
        var ended = EndOf(tap);

        await bridge.Get<IConnectionMultiplexer>().GetDatabase().HashDeleteAsync(bridge.Keys.TokensKey, 7);

        Assert.Equal(MqttClientDisconnectReason.NotAuthorized, await ended.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task A_loss_of_the_registry_ends_no_connection()
    {
        await using var bridge = await StartAsync();
        using var tap = await bridge.ConnectAsync("7", token: _token);
        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 1), "it is in");

        await bridge.Get<IConnectionMultiplexer>().GetDatabase().KeyDeleteAsync(bridge.Keys.TokensKey);
        await bridge.Get<IEnumerable<IHostedService>>().OfType<TokenCheck>().Single().CheckAsync(null);

        Assert.True((await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":473}"""))).IsSuccess);
    }

    private async Task<TestBridge> StartAsync(params (string, string)[] settings)
    {
        var bridge = await TestBridge.StartAsync(redis, new HastyClock(), [("Mqtt:AllowAnonymous", "false"), .. settings]);
        await bridge.Get<TapTokens>().LoadAsync(new Dictionary<int, byte[]> { [7] = TapTokens.Hash(_token), [8] = TapTokens.Hash(_otherToken) });
        return bridge;
    }

    private Task ReplaceAsync(TestBridge bridge, string token, TimeSpan grace) =>
        bridge.Get<TapTokens>().SetAsync(7, new KeptTokens(TapTokens.Hash(token), TapTokens.Hash(_token), DateTimeOffset.UtcNow + grace).ToBytes());

    private static Task<MqttClientDisconnectReason> EndOf(IMqttClient tap)
    {
        var ended = new TaskCompletionSource<MqttClientDisconnectReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        tap.DisconnectedAsync += disconnect =>
        {
            ended.TrySetResult(disconnect.Reason);
            return Task.CompletedTask;
        };
        return ended.Task;
    }
}
