using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests.HomeAssistant;

/// <summary>Home Assistant's account reads what is announced, and nothing else.</summary>
[Collection(nameof(ServersCollection))]
public sealed class AccountTests(Servers servers)
{
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_wrong_password_is_refused_whether_or_not_others_need_one(string allowAnonymous)
    {
        await using var venue = await Venue.OpenAsync(servers, null, ("Mqtt:AllowAnonymous", allowAnonymous));

        foreach (var password in new[] { "", "another secret", Venue.Password + " " })
        {
            using var client = new MqttClientFactory().CreateMqttClient();
            var refused = await client.ConnectAsync(OptionsOf(venue, password).Build());
            Assert.Equal(MqttClientConnectResultCode.NotAuthorized, refused.ResultCode);
        }

        using var home = await venue.ConnectAsync();
        Assert.Equal("online", await home.MessageAsync("taproom/status"));
    }

    [Fact]
    public async Task It_may_subscribe_to_what_is_announced_only()
    {
        await using var venue = await Venue.OpenAsync(servers);
        (string Filter, bool IsAllowed)[] filters =
        [
            ("homeassistant/#", true),
            ("homeassistant/+/+/config", true),
            ("taproom/#", true),
            ("taproom/taps/7/state", true),
            ("taps/7/receipts", false),
            ("taps/7/commands", false),
            ("taps/#", false),
            ("notices/#", false),
            ("+/#", false),
            ("#", false),
            ("homeassistant", false),
        ];
        foreach (var (filter, isAllowed) in filters)
        {
            using var home = await venue.ConnectAsync();
            var answer = (await home.Client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce)).Items.Single().ResultCode;
            Assert.Equal(
                (filter, isAllowed ? MqttClientSubscribeResultCode.GrantedQoS1 : MqttClientSubscribeResultCode.NotAuthorized),
                (filter, answer)
            );
        }
    }

    [Fact]
    public async Task It_may_publish_nothing_else()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.RegisterAsync(7);
        await venue.AnnouncedAsync(1);
        using var home = await venue.ConnectAsync();
        using var tap = await RetainedView.ConnectAsync(venue.Bridge.Port, Venue.User, Venue.Password);
        await tap.MessageAsync("homeassistant/device/taproom_tap_7/config");
        (string Topic, string Payload)[] messages =
        [
            ("taps/7/pours", """{"volume":473}"""),
            ("taps/7/status", "online"),
            ("taps/7/commands", """{"command":"open"}"""),
            ("homeassistant/device/taproom_tap_7/config", ""),
            ("taproom/taps/7/state", "{}"),
            ("taproom/status", "offline"),
        ];
        foreach (var (topic, payload) in messages)
        {
            var answer = await home.Client.PublishStringAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce, retain: true);
            Assert.Equal((topic, MqttClientPublishReasonCode.NotAuthorized), (topic, answer.ReasonCode));
            // Which reason there was, this client does not tell of QoS 2.
            Assert.False((await home.Client.PublishStringAsync(topic, payload, MqttQualityOfServiceLevel.ExactlyOnce, retain: true)).IsSuccess);
            await home.Client.PublishStringAsync(topic, payload, MqttQualityOfServiceLevel.AtMostOnce, retain: true);
            // The answer comes after all that was sent before.
            await home.Client.SubscribeAsync("taproom/status", MqttQualityOfServiceLevel.AtLeastOnce);
            Assert.Empty(await venue.Bridge.EntriesAsync());
            Assert.Empty(await venue.Bridge.DeadLettersAsync());
            Assert.Equal(3, await venue.Bridge.RetainedAsync());
        }
    }

    [Fact]
    public async Task Its_will_on_a_tap_s_topic_is_not_published()
    {
        await using var venue = await Venue.OpenAsync(servers);
        using var tap = await venue.Bridge.ConnectAsync("7");
        await tap.PublishStringAsync("taps/7/status", "online", MqttQualityOfServiceLevel.AtLeastOnce);
        using (var client = new MqttClientFactory().CreateMqttClient())
        {
            var options = OptionsOf(venue, Venue.Password).WithWillTopic("taps/7/pours").WithWillPayload("""{"volume":473}""");
            await client.ConnectAsync(options.Build());
        }

        await Eventually.TrueAsync(() => Task.FromResult(venue.Bridge.Connected == 1), "only the tap is connected");
        Assert.Empty(await venue.Bridge.EntriesAsync());
        Assert.Empty(await venue.Bridge.DeadLettersAsync());
    }

    [Fact]
    public async Task A_birth_message_has_all_announced_again()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.RegisterAsync(7);
        await venue.AnnouncedAsync(1);
        using var home = await venue.ConnectAsync();
        await home.StateAsync(7, _ => true, "the state is there");
        Assert.Equal(1, Announcements(home));

        var answer = await home.Client.PublishStringAsync("homeassistant/status", "online", MqttQualityOfServiceLevel.AtLeastOnce);

        Assert.Equal(MqttClientPublishReasonCode.Success, answer.ReasonCode);
        await Eventually.TrueAsync(() => Task.FromResult(Announcements(home) == 2), "the tap is announced again");
        await home.Client.PublishStringAsync("homeassistant/status", "offline", MqttQualityOfServiceLevel.AtLeastOnce);
        await venue.PourAsync(7, 500);
        await home.StateAsync(7, s => s.GetProperty("pours_today").GetInt64() == 1, "the pour counts");
        Assert.Equal(2, Announcements(home));
        Assert.DoesNotContain("homeassistant/status", home.Messages.Keys);
        Assert.Empty(await venue.Bridge.DeadLettersAsync());
    }

    [Fact]
    public async Task A_tap_may_neither_read_announcements_nor_send_a_birth_message()
    {
        await using var venue = await Venue.OpenAsync(servers, null, ("Mqtt:AllowAnonymous", "false"));
        var token = TapTokens.Create(7);
        await venue.Bridge.Get<TapTokens>().LoadAsync(new Dictionary<int, byte[]> { [7] = TapTokens.Hash(token) });
        using var tap = await venue.Bridge.ConnectAsync("7", token: token);

        var subscribed = await tap.SubscribeAsync("taproom/#", MqttQualityOfServiceLevel.AtLeastOnce);
        var published = await tap.PublishStringAsync("homeassistant/status", "online", MqttQualityOfServiceLevel.AtLeastOnce);

        Assert.Equal(MqttClientSubscribeResultCode.NotAuthorized, subscribed.Items.Single().ResultCode);
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, published.ReasonCode);
    }

    [Fact]
    public async Task Where_anybody_gets_in_a_client_without_a_tap_reads_announcements_too_and_a_tap_does_not()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.RegisterAsync(7);
        using var home = await RetainedView.ConnectAsync(venue.Bridge.Port);
        await home.MessageAsync("homeassistant/device/taproom_tap_7/config");

        var birth = await home.Client.PublishStringAsync("homeassistant/status", "online", MqttQualityOfServiceLevel.AtLeastOnce);
        using var tap = await venue.Bridge.ConnectAsync("7");
        var subscribed = await tap.SubscribeAsync("taproom/#", MqttQualityOfServiceLevel.AtLeastOnce);

        Assert.Equal(MqttClientPublishReasonCode.Success, birth.ReasonCode);
        Assert.Equal(MqttClientSubscribeResultCode.NotAuthorized, subscribed.Items.Single().ResultCode);
    }

    private static MqttClientOptionsBuilder OptionsOf(Venue venue, string password) =>
        new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", venue.Bridge.Port)
            .WithTlsOptions(tls => tls.UseTls(false))
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithCredentials(Venue.User, password);

    private static int Announcements(RetainedView home) => home.Heard.Count(heard => heard.Topic == "homeassistant/device/taproom_tap_7/config");
}
