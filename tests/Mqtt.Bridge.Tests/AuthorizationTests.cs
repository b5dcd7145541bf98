using Microsoft.Extensions.Diagnostics.HealthChecks;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class AuthorizationTests(RedisServer redis)
{
    [Theory]
    [InlineData("311")]
    [InlineData("5")]
    public async Task Nobody_gets_in_without_a_name_while_anonymous_clients_are_not_allowed(string version)
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:AllowAnonymous", "false"));
        await bridge.Get<TapTokens>().LoadAsync(new Dictionary<int, byte[]>());

        var (exitCode, output) = await Mosquitto.PublishAsync(bridge.Port, "taps/7/pours", """{"volume":473}""", $"-V {version} -q 1 -i tap-7");

        Assert.NotEqual(0, exitCode);
        Assert.Matches("(?i)not authori[sz]ed", output);
        Assert.Empty(await bridge.EntriesAsync());
    }

    [Fact]
    public void Anonymous_clients_are_not_allowed_by_default() => Assert.False(new Mqtt.Bridge.Clients.MqttListenerOptions().AllowAnonymous);

    [Fact]
    public async Task The_listener_is_healthy_while_it_listens()
    {
        var bridge = await TestBridge.StartAsync(redis);
        await using (bridge)
        {
            Assert.Equal(HealthStatus.Healthy, await bridge.HealthAsync());
            await bridge.StopAsync();
            Assert.Equal(HealthStatus.Unhealthy, await bridge.HealthAsync());
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_stops_the_start_with_a_sentence_that_names_it()
    {
        await using var bridge = await TestBridge.StartAsync(redis);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => TestBridge.StartAsync(redis, ("Mqtt:Port", bridge.Port.ToString())));

        Assert.StartsWith($"The MQTT listener cannot have port {bridge.Port}: ", error.Message);
    }

    [Fact]
    public async Task A_tap_may_listen_to_its_own_topics_and_the_notices_only()
    {
        (string Filter, MqttClientSubscribeResultCode V5Answer)[] filters =
        [
            ("taps/7/#", MqttClientSubscribeResultCode.GrantedQoS1),
            ("taps/7/receipts", MqttClientSubscribeResultCode.GrantedQoS1),
            ("notices/#", MqttClientSubscribeResultCode.GrantedQoS1),
            ("taps/8/receipts", MqttClientSubscribeResultCode.NotAuthorized),
            ("taps/+/receipts", MqttClientSubscribeResultCode.NotAuthorized),
            ("taps/#", MqttClientSubscribeResultCode.NotAuthorized),
            ("#", MqttClientSubscribeResultCode.NotAuthorized),
            ("$share/g/taps/7/receipts", MqttClientSubscribeResultCode.SharedSubscriptionsNotSupported),
        ];
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");
        using var old = await bridge.ConnectAsync("7", MqttProtocolVersion.V311);
        foreach (var (filter, v5Answer) in filters)
        {
            var answer = (await tap.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce)).Items.Single().ResultCode;
            var oldAnswer = (await old.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce)).Items.Single().ResultCode;

            Assert.Equal((filter, v5Answer), (filter, answer));
            var granted = v5Answer is MqttClientSubscribeResultCode.GrantedQoS1;
            Assert.Equal(
                (filter, granted ? MqttClientSubscribeResultCode.GrantedQoS1 : MqttClientSubscribeResultCode.UnspecifiedError),
                (filter, oldAnswer)
            );
        }
    }

    [Fact]
    public async Task A_tap_cannot_take_over_the_session_of_another()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7", clientId: "shared");

        using var other = await bridge.ConnectAsync("8", clientId: "shared", cleanStart: false);

        await Eventually.TrueAsync(() => Task.FromResult(!other.IsConnected), "the other tap is disconnected");
    }

    [Fact]
    public async Task At_a_stop_the_clients_are_told_that_the_server_shuts_down()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");
        var told = new TaskCompletionSource<MqttClientDisconnectReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        tap.DisconnectedAsync += disconnect =>
        {
            told.TrySetResult(disconnect.Reason);
            return Task.CompletedTask;
        };

        await bridge.StopAsync();

        Assert.Equal(MqttClientDisconnectReason.ServerShuttingDown, await told.Task.WaitAsync(TimeSpan.FromMinutes(1)));
    }
}
