using System.Diagnostics;
using Testing;

namespace Mqtt.Bridge.Tests.HomeAssistant;

/// <summary>A broker with the access lists of docs/brokers.md and docs/home-assistant.md.</summary>
[Collection(nameof(ServersCollection))]
public sealed class BrokerAccessTests : IAsyncLifetime
{
    private const string Password = "secret";

    private readonly Servers _servers;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taproom-");
    private readonly MosquittoBroker _broker;

    public BrokerAccessTests(Servers servers)
    {
        _servers = servers;
        _broker = new MosquittoBroker($"allow_anonymous false\npassword_file {PathOf("passwords")}\nacl_file {PathOf("acl")}");
    }

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(
            PathOf("acl"),
            await AccessListAsync("docs/brokers.md") + "\n" + await AccessListAsync("docs/home-assistant.md")
        );
        await Mosquitto.WritePasswordsAsync(PathOf("passwords"), Password, "taproom", "home-assistant");
        await _broker.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_access_list_of_the_docs_lets_the_bridge_announce_and_Home_Assistant_read()
    {
        await using var venue = await Venue.OpenAsync(
            _servers,
            null,
            ("Mqtt:Upstream", $"mqtt://taproom:{Password}@127.0.0.1:{_broker.Port}"),
            ("Mqtt:UpstreamTimeout", "00:00:02")
        );
        await venue.RegisterAsync(7);
        using var home = await RetainedView.ConnectAsync(_broker.Port, "home-assistant", Password);

        await home.StateAsync(7, _ => true, "the state is there");
        Assert.Equal("online", await home.MessageAsync("taproom/status"));
        var before = Announcements(home);
        await MQTTnet.MqttClientExtensions.PublishStringAsync(home.Client, "homeassistant/status", "online");
        await Eventually.TrueAsync(() => Task.FromResult(Announcements(home) > before), "the tap is announced again");
        await venue.RemoveAsync(7);
        await home.GoneAsync("homeassistant/device/taproom_tap_7/config");
    }

    private static int Announcements(RetainedView home) => home.Heard.Count(heard => heard.Topic == "homeassistant/device/taproom_tap_7/config");

    private static async Task<string> AccessListAsync(string page) =>
        (await File.ReadAllTextAsync(Path.Combine(LocalServer.Repository, page))).Split("```acl\n")[1].Split("```")[0];

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);
}
