using System.Text.Json;
using MQTTnet.Server;
using Testing;

namespace Mqtt.Bridge.Tests.HomeAssistant;

/// <summary>The announcement of a tap is what Home Assistant's documentation asks for.</summary>
[Collection(nameof(ServersCollection))]
public sealed class ConfigTests(Servers servers)
{
    private const string Topic = "homeassistant/device/taproom_tap_7/config";

    [Fact]
    public async Task The_announcement_keeps_the_rules_of_device_discovery()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.RegisterAsync(7, "Bar \"left\" <ä>");
        using var home = await venue.ConnectAsync();

        var config = JsonElement.Parse(await home.MessageAsync(Topic));

        Assert.Empty(DiscoveryRules.Faults(Topic, config));
        Assert.Equal("Bar \"left\" <ä>", config.GetProperty("dev").GetProperty("name").GetString());
        Assert.Equal("taproom/status", config.GetProperty("avty_t").GetString());
        Assert.Equal(
            ["beverage", "keg_level", "keg_share", "last_pour", "last_pour_volume", "litres_today", "online", "pours_today", "temperature"],
            config.GetProperty("cmps").EnumerateObject().Select(component => component.Name).Order()
        );
    }

    [Fact]
    public async Task What_is_announced_while_a_Home_Assistant_subscribes_reaches_it()
    {
        await using var venue = await Venue.OpenAsync(servers);
        var server = venue.Bridge.Get<MqttServer>();
        // The server has looked up by now what is retained, and has not added the subscription yet.
        server.InterceptingSubscriptionAsync += async subscription =>
        {
            if (subscription.TopicFilter.Topic == "homeassistant/#")
            {
                await venue.RegisterAsync(7);
                await Eventually.TrueAsync(
                    async () => (await server.GetRetainedMessagesAsync()).Any(message => message.Topic == Topic),
                    "the tap is announced"
                );
            }
        };

        using var home = await venue.ConnectAsync();

        Assert.NotEmpty(await home.MessageAsync(Topic));
    }

    [Fact]
    public async Task Every_template_finds_its_member_in_the_state()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.RegisterAsync(7);
        await venue.PutKegAsync(7, "Pils", 30_000);
        await venue.ReadAsync(7, """{"temperatureC":4.5}""");
        await venue.PourAsync(7, 473);
        using var home = await venue.ConnectAsync();
        var config = JsonElement.Parse(await home.MessageAsync(Topic));
        Assert.Equal("taproom/taps/7/state", config.GetProperty("stat_t").GetString());

        var state = await home.StateAsync(7, s => s.GetProperty("pours_today").GetInt64() == 1, "the pour counts");

        foreach (var component in config.GetProperty("cmps").EnumerateObject())
        {
            var isNumber = component.Value.TryGetProperty("unit_of_meas", out _) || component.Value.TryGetProperty("stat_cla", out _);
            Assert.Equal(isNumber ? JsonValueKind.Number : JsonValueKind.String, Of(state, component.Value.GetProperty("val_tpl")).ValueKind);
            if (component.Value.TryGetProperty("lrst_val_tpl", out var reset))
            {
                Assert.InRange(Of(state, reset).GetDateTimeOffset(), DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow);
            }
        }

        Assert.Contains(state.GetProperty("online").GetString(), new[] { "ON", "OFF" });
        Assert.EndsWith("Z", state.GetProperty("last_pour_at").GetString());
    }

    [Fact]
    public async Task Taps_are_announced_below_another_prefix_where_the_option_says_so()
    {
        await using var venue = await Venue.OpenAsync(servers, null, ("HomeAssistant:DiscoveryPrefix", "ha-test"));
        await venue.RegisterAsync(7);
        using var home = await RetainedView.ConnectAsync(venue.Bridge.Port, Venue.User, Venue.Password, prefix: "ha-test");

        await home.MessageAsync("ha-test/device/taproom_tap_7/config");
    }

    [Fact]
    public async Task Nothing_is_announced_and_no_database_is_there_while_the_option_is_off()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.RegisterAsync(7);
        using (var home = await venue.ConnectAsync())
        {
            await home.MessageAsync(Topic);
        }

        await venue.RestartAsync(("HomeAssistant:Enabled", "false"));

        Assert.Equal(0, await venue.Bridge.RetainedAsync());
        Assert.Throws<InvalidOperationException>(() => venue.Bridge.Get<Microsoft.EntityFrameworkCore.DbContextOptions<Taproom.Store.TaproomDb>>());
        using var somebody = await venue.Bridge.ConnectAsync();
        var answer = await MQTTnet.MqttClientExtensions.SubscribeAsync(somebody, "homeassistant/#");
        Assert.Equal(MQTTnet.MqttClientSubscribeResultCode.NotAuthorized, answer.Items.Single().ResultCode);
    }

    [Theory]
    [InlineData("HomeAssistant:TimeZone", "Mars/Olympus", "HomeAssistant:TimeZone must be an IANA name")]
    [InlineData("HomeAssistant:Password", "", "must be set together")]
    [InlineData("HomeAssistant:User", "7", "must not be a number")]
    [InlineData("HomeAssistant:DiscoveryPrefix", "home/#", "DiscoveryPrefix")]
    [InlineData("HomeAssistant:Interval", "00:00:00", "Interval")]
    public async Task A_setting_that_cannot_be_is_refused_at_the_start(string key, string value, string reason)
    {
        var error = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            Venue.OpenAsync(servers, null, (key, value))
        );

        Assert.Contains(reason, error.Message);
        Assert.DoesNotContain(Venue.Password, error.Message);
    }

    private static JsonElement Of(JsonElement state, JsonElement template) =>
        state.GetProperty(template.GetString()!.Replace("{{ value_json.", "").Replace(" }}", ""));
}
