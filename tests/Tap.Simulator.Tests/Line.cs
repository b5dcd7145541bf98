using Testing;

namespace Tap.Simulator.Tests;

[CollectionDefinition(nameof(LineCollection), DisableParallelization = true)]
public sealed class LineCollection : ICollectionFixture<Line>;

/// <summary>The whole line from the front doors to Postgres, each service a process of its own; each test has taps of its own.</summary>
public sealed class Line : IAsyncLifetime
{
    public const string AdminKey = "a-key-that-only-tests-know";

    private readonly string _bridgeAddress = $"http://127.0.0.1:{LocalServer.FreePort()}";
    private readonly List<ServiceProcess> _services = [];
    private Dictionary<string, string?> _settings = [];
    private ServiceProcess? _bridge;

    public Servers Servers { get; } = new();

    public string ApiAddress { get; } = $"http://127.0.0.1:{LocalServer.FreePort()}";

    public async Task InitializeAsync()
    {
        await Servers.InitializeAsync();
        var port = LocalServer.FreePort();
        _settings = new(await Servers.SettingsAsync())
        {
            ["Mqtt:Port"] = $"{port}",
            ["Meters:Period"] = "00:00:01",
            ["Meters:Timeout"] = "00:00:00.9",
            ["Admin:Key"] = AdminKey,
            ["Simulator:AdminKey"] = AdminKey,
            ["Simulator:Mqtt"] = $"mqtt://127.0.0.1:{port}",
            ["Simulator:Api"] = ApiAddress,
            ["Simulator:MaxBackoff"] = "00:00:01",
            ["Simulator:ResendAfter"] = "00:00:05",
        };
        _services.Add(ServiceProcess.Start("Consumer.Worker", At("http://127.0.0.1:0")));
        _services.Add(ServiceProcess.Start("Ingest.Api", At(ApiAddress)));
        _bridge = ServiceProcess.Start("Mqtt.Bridge", At(_bridgeAddress));
        await ServiceProcess.HealthyAsync(ApiAddress);
        await ServiceProcess.HealthyAsync(_bridgeAddress);
    }

    /// <summary>Kills the bridge and starts another in its place.</summary>
    public async Task KillBridgeAsync()
    {
        await _bridge!.KillAsync();
        await _bridge.DisposeAsync();
        _bridge = ServiceProcess.Start("Mqtt.Bridge", At(_bridgeAddress));
    }

    public ServiceProcess Simulator(params string[] arguments) => ServiceProcess.Start("Tap.Simulator", At("http://127.0.0.1:0"), arguments);

    public async Task DisposeAsync()
    {
        foreach (var service in _services.Append(_bridge).OfType<ServiceProcess>())
        {
            await service.DisposeAsync();
        }

        await Servers.DisposeAsync();
    }

    /// <summary>Settings of one more service of the line, which listens there.</summary>
    public Dictionary<string, string?> At(string address) => new(_settings) { ["ASPNETCORE_URLS"] = address };
}
