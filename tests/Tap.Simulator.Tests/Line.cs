using Taproom.Testing;

namespace Tap.Simulator.Tests;

[CollectionDefinition(nameof(LineCollection), DisableParallelization = true)]
public sealed class LineCollection : ICollectionFixture<Servers>;

/// <summary>The whole line from the front doors to Postgres, each service a process of its own.</summary>
internal sealed class Line : IAsyncDisposable
{
    public const string AdminKey = "a-key-that-only-tests-know";

    private readonly Dictionary<string, string?> _settings;
    private readonly Dictionary<string, string?> _bridgeSettings;
    private readonly List<ServiceProcess> _services = [];
    private ServiceProcess _bridge;

    private Line(Dictionary<string, string?> settings, string api)
    {
        _settings = settings;
        Api = api;
        _services.Add(ServiceProcess.Start("Consumer.Worker", At("http://127.0.0.1:0")));
        _services.Add(ServiceProcess.Start("Ingest.Api", At(api)));
        _bridgeSettings = At($"http://127.0.0.1:{LocalServer.FreePort()}");
        _bridge = ServiceProcess.Start("Mqtt.Bridge", _bridgeSettings);
    }

    public string Api { get; }

    public static async Task<Line> StartAsync(Servers servers, params IEnumerable<(string Key, string Value)> overrides)
    {
        var port = LocalServer.FreePort();
        var api = $"http://127.0.0.1:{LocalServer.FreePort()}";
        var unique = Guid.NewGuid().ToString("N");
        var settings = new Dictionary<string, string?>(await servers.SettingsAsync())
        {
            ["Ingest:TokensKey"] = $"tokens:{unique}",
            ["Ingest:PresenceKey"] = $"presence:{unique}",
            ["Meters:LeaseKey"] = $"lease:{unique}",
            ["Mqtt:Port"] = $"{port}",
            ["Admin:Key"] = AdminKey,
            ["Simulator:AdminKey"] = AdminKey,
            ["Simulator:Mqtt"] = $"mqtt://127.0.0.1:{port}",
            ["Simulator:Api"] = api,
            ["Simulator:MaxBackoff"] = "00:00:01",
            ["Simulator:ResendAfter"] = "00:00:05",
        };
        foreach (var (key, value) in overrides)
        {
            settings[key] = value;
        }

        var line = new Line(settings, api);
        try
        {
            await ServiceProcess.HealthyAsync(api);
            await ServiceProcess.HealthyAsync(line._bridgeSettings["ASPNETCORE_URLS"]!);
            return line;
        }
        catch
        {
            await line.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the bridge and starts another in its place.</summary>
    public async Task KillBridgeAsync()
    {
        await _bridge.KillAsync();
        await _bridge.DisposeAsync();
        _bridge = ServiceProcess.Start("Mqtt.Bridge", _bridgeSettings);
    }

    public ServiceProcess Simulator(params string[] arguments) => ServiceProcess.Start("Tap.Simulator", At("http://127.0.0.1:0"), arguments);

    public async ValueTask DisposeAsync()
    {
        await _bridge.DisposeAsync();
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }
    }

    private Dictionary<string, string?> At(string address) => new(_settings) { ["ASPNETCORE_URLS"] = address };
}
