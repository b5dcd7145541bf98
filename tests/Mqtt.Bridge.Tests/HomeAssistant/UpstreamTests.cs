using System.Text.Json;
using Mqtt.Bridge.Upstream;
using MQTTnet;
using MQTTnet.Protocol;
using Testing;

namespace Mqtt.Bridge.Tests.HomeAssistant;

/// <summary>Taps are announced at a broker that the bridge has joined.</summary>
[Collection(nameof(ServersCollection))]
public sealed class UpstreamTests(Servers servers) : IAsyncLifetime
{
    private const string Config = "homeassistant/device/taproom_tap_7/config";

    private readonly MosquittoBroker _broker = new();

    public Task InitializeAsync() => _broker.InitializeAsync();

    public Task DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Taps_are_announced_at_the_broker_and_follow_what_happens()
    {
        await using var venue = await OpenAsync();
        await venue.RegisterAsync(7);
        using var home = await RetainedView.ConnectAsync(_broker.Port);

        Assert.Empty(DiscoveryRules.Faults(Config, JsonElement.Parse(await home.MessageAsync(Config))));
        Assert.Equal("online", await home.MessageAsync("taproom/status"));
        await venue.PourAsync(7, 500);
        await home.StateAsync(7, s => s.GetProperty("pours_today").GetInt64() == 1, "the pour counts");
        using var later = await RetainedView.ConnectAsync(_broker.Port);
        await later.StateAsync(7, s => s.GetProperty("pours_today").GetInt64() == 1, "it is retained");
        Assert.All(later.Heard, heard => Assert.True(heard.IsRetained));

        await home.Client.PublishStringAsync("taps/7/status", "online", MqttQualityOfServiceLevel.AtLeastOnce, retain: true);
        await home.StateAsync(7, s => s.GetProperty("online").GetString() == "ON", "the tap is online");

        await venue.RemoveAsync(7);
        await home.GoneAsync(Config);
        await home.GoneAsync("taproom/taps/7/state");
    }

    [Fact]
    public async Task A_birth_message_at_the_broker_has_all_announced_again()
    {
        await using var venue = await OpenAsync();
        await venue.RegisterAsync(7);
        using var home = await RetainedView.ConnectAsync(_broker.Port);
        await home.StateAsync(7, _ => true, "the state is there");
        var before = home.Heard.Count(heard => heard.Topic == Config);

        await home.Client.PublishStringAsync("homeassistant/status", "online", MqttQualityOfServiceLevel.AtLeastOnce);

        await Eventually.TrueAsync(() => Task.FromResult(home.Heard.Count(heard => heard.Topic == Config) > before), "the tap is announced again");
        Assert.Empty(await venue.Bridge.DeadLettersAsync());
    }

    [Fact]
    public async Task What_is_retained_is_removed_by_a_bridge_where_this_is_switched_off()
    {
        await using var venue = await OpenAsync();
        await venue.RegisterAsync(7);
        using var home = await RetainedView.ConnectAsync(_broker.Port);
        await home.StateAsync(7, _ => true, "the state is there");

        await venue.RestartAsync(("HomeAssistant:Enabled", "false"));

        foreach (var topic in new[] { Config, "taproom/taps/7/state", "taproom/status" })
        {
            await home.GoneAsync(topic);
        }
    }

    [Fact]
    public async Task A_tap_that_was_removed_while_no_bridge_was_there_is_removed_by_the_next()
    {
        await using var venue = await OpenAsync();
        await venue.RegisterAsync(7);
        await venue.RegisterAsync(8);
        using var home = await RetainedView.ConnectAsync(_broker.Port);
        await home.StateAsync(7, _ => true, "the state is there");
        await venue.ExecuteAsync(db =>
            Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.ExecuteSqlAsync(
                db.Database,
                $"UPDATE taps SET registered_at = NULL WHERE id = 7"
            )
        );

        await venue.RestartAsync();

        await home.GoneAsync(Config);
        await home.GoneAsync("taproom/taps/7/state");
        await Eventually.TrueAsync(
            () => Task.FromResult(home.Messages.ContainsKey("homeassistant/device/taproom_tap_8/config")),
            "the other tap is there"
        );
    }

    [Fact]
    public async Task Home_Assistant_is_told_when_no_bridge_is_there()
    {
        await using var venue = await OpenAsync();
        using var home = await RetainedView.ConnectAsync(_broker.Port);
        await Eventually.TrueAsync(() => Task.FromResult(home.Messages.GetValueOrDefault("taproom/status") == "online"), "a bridge is there");

        await venue.Bridge.StopAsync();

        await Eventually.TrueAsync(() => Task.FromResult(home.Messages["taproom/status"] == "offline"), "no bridge is there");
    }

    [Fact]
    public async Task Of_two_bridges_the_one_that_leads_announces_and_the_other_goes_on_when_it_stops()
    {
        await using var venue = await OpenAsync();
        await using var other = await venue.Bridge.StartBesideAsync(("Mqtt:UpstreamClientId", "two"));
        await other.JoinedAsync();
        await UpstreamBridges.LeaderOfAsync(venue.Bridge, other);
        await venue.RegisterAsync(7);
        using var home = await RetainedView.ConnectAsync(_broker.Port);
        await home.StateAsync(7, _ => true, "the state is there");
        await venue.PourAsync(7, 500);
        await home.StateAsync(7, s => s.GetProperty("pours_today").GetInt64() == 1, "the pour counts");
        Assert.InRange(home.Heard.Count(heard => heard.Topic == "taproom/taps/7/state"), 1, 2);
        Assert.True(venue.Bridge.Get<UpstreamAnnouncements>().IsReady);
        Assert.False(other.Get<UpstreamAnnouncements>().IsReady);

        await venue.Bridge.StopAsync();
        await Eventually.TrueAsync(() => Task.FromResult(other.Get<UpstreamAnnouncements>().IsReady), "the other one announces");
        await Eventually.TrueAsync(() => Task.FromResult(home.Messages["taproom/status"] == "online"), "a bridge is there");

        using var there = await RetainedView.ConnectAsync(other.Port, Venue.User, Venue.Password);
        await there.StateAsync(7, s => s.GetProperty("pours_today").GetInt64() == 1, "its own listener has it too");
    }

    private async Task<Venue> OpenAsync()
    {
        var venue = await Venue.OpenAsync(
            servers,
            null,
            ("Mqtt:Upstream", $"mqtt://127.0.0.1:{_broker.Port}"),
            ("Mqtt:UpstreamClientId", "one"),
            ("Mqtt:UpstreamMaxBackoff", "00:00:01"),
            ("Mqtt:UpstreamTimeout", "00:00:02")
        );
        await venue.Bridge.JoinedAsync();
        await Eventually.TrueAsync(() => Task.FromResult(venue.Bridge.Get<UpstreamLead>().IsOurs), "the bridge leads");
        return venue;
    }
}
