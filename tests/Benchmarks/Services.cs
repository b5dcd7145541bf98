using System.Globalization;
using Benchmarks.Pages;
using StackExchange.Redis;
using Testing;

namespace Benchmarks;

/// <summary>Taproom's services, each a process of its own, with one database and one set of keys in Redis. Telemetry is not exported.</summary>
internal sealed class Services : IAsyncDisposable
{
    /// <summary>The admin's bearer token at the API.</summary>
    public const string AdminKey = "bench";

    private readonly List<(string Name, ServiceProcess Process)> _running = [];
    private readonly Dictionary<string, string?> _settings;
    private readonly Run _run;
    private readonly bool _ownsPours;
    private LivePage? _page;

    private Services(Run run, PourTable pours, bool ownsPours)
    {
        (_run, Pours, _ownsPours) = (run, pours, ownsPours);
        _settings = new()
        {
            ["ConnectionStrings:redis"] = run.Servers.Redis.ConnectionString,
            ["ConnectionStrings:taproomdb"] = pours.ConnectionString,
            ["Ingest:Prefix"] = $"bench-{Guid.NewGuid():N}",
        };
    }

    /// <summary>Where the pours are stored.</summary>
    public PourTable Pours { get; }

    /// <summary>Their configuration.</summary>
    public IReadOnlyDictionary<string, string?> Settings => _settings;

    /// <summary>Port of the MQTT listener.</summary>
    public int MqttPort { get; } = LocalServer.FreePort();

    /// <summary>Port of the API.</summary>
    public int ApiPort { get; } = LocalServer.FreePort();

    /// <summary>Address of the page and of the hub.</summary>
    public string PageAddress => $"http://127.0.0.1:{PagePort.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Port of the page and of the hub.</summary>
    public int PagePort { get; } = LocalServer.FreePort();

    /// <summary>Those that run, by name.</summary>
    public IReadOnlyList<(string Name, ServiceProcess Process)> Running => _running;

    /// <summary>Prepares services that no other case has; none runs yet.</summary>
    /// <param name="run">The run.</param>
    /// <param name="pours">The database; without it they have an empty one, which goes with them.</param>
    public static async Task<Services> OwnAsync(Run run, PourTable? pours = null) =>
        new(run, pours ?? await PourTable.CreateAsync(run), ownsPours: pours is null);

    /// <summary>Prepares services for a case. In a smoke run, most of which is the start of services, all cases share those of the first.</summary>
    /// <param name="run">The run.</param>
    /// <param name="pours">As in <see cref="OwnAsync"/>; shared ones keep their own.</param>
    public static async Task<Services> CreateAsync(Run run, PourTable? pours = null) =>
        run.IsSmoke ? run.Shared ??= await OwnAsync(run) : await OwnAsync(run, pours);

    /// <summary>All that a shipped Taproom has, running: the bridge, the API, two workers and the page.</summary>
    public static async Task<Services> WholeAsync(Run run, PourTable? pours = null)
    {
        var services = await CreateAsync(run, pours);
        await Task.WhenAll(services.StartBridgeAsync(), services.StartApiAsync(), services.StartWorkersAsync(2), services.StartPageAsync());
        return services;
    }

    /// <summary>Starts the bridge. Few taps pour here what many would, so none of them has a pace to keep.</summary>
    public Task StartBridgeAsync() =>
        StartAsync(
            "Mqtt.Bridge",
            Address(),
            ("Mqtt:Port", $"{MqttPort}"),
            ("Mqtt:AllowAnonymous", "true"),
            ("Mqtt:MaxConnectionsPerAddress", "20000"),
            ("Mqtt:MaxMessagesPerSecond", "100000"),
            ("Mqtt:MaxMessageBurst", "100000"),
            ("Ingest:HighWaterMark", "100000000")
        );

    /// <summary>Starts the API, without a pace for its callers.</summary>
    public Task StartApiAsync() =>
        StartAsync(
            "Ingest.Api",
            $"http://127.0.0.1:{ApiPort.ToString(CultureInfo.InvariantCulture)}",
            ("Admin:Key", AdminKey),
            ("RateLimit:PerSecond", "1000000"),
            ("RateLimit:Burst", "1000000"),
            ("Ingest:HighWaterMark", "100000000")
        );

    /// <summary>Starts workers, until so many run.</summary>
    public Task StartWorkersAsync(int count) =>
        Task.WhenAll(Enumerable.Range(1, count).Select(n => StartAsync(n == 1 ? "Consumer.Worker" : $"Consumer.Worker ({n})", Address())));

    /// <summary>
    /// Starts the page. Its files come from the folder of the project as in a local run, but compressed and kept by browsers as those that are
    /// shipped; shipped ones are compressed once more, by Brotli, which is somewhat smaller than what is sent here.
    /// </summary>
    public Task StartPageAsync() =>
        StartAsync(
            "Dashboard.Web",
            PageAddress,
            ("ASPNETCORE_ENVIRONMENT", "Development"),
            ("ReloadStaticAssetsAtRuntime", "false"),
            ("EnableStaticAssetsDevelopmentCaching", "true")
        );

    /// <summary>Opens the live page in a browser, where it stays open.</summary>
    public async Task<LivePage> OpenPageAsync() => _page ??= await LivePage.OpenAsync(PageAddress);

    // Starts what does not run yet; a name is that of the project and, where there are several, a number.
    private async Task StartAsync(string name, string address, params (string Key, string Value)[] more)
    {
        lock (_running)
        {
            if (_running.Exists(service => service.Name == name))
            {
                return;
            }
        }

        var settings = new Dictionary<string, string?>(_settings) { ["ASPNETCORE_URLS"] = address };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        var process = ServiceProcess.Start(name.Split(' ')[0], settings);
        lock (_running)
        {
            _running.Add((name, process));
        }

        await ServiceProcess.HealthyAsync(address);
    }

    private static string Address() => $"http://127.0.0.1:{LocalServer.FreePort()}";

    /// <summary>Ends them, unless they are shared, and leaves nothing of theirs in Redis and Postgres.</summary>
    public ValueTask DisposeAsync() => _run.Shared == this ? ValueTask.CompletedTask : EndAsync();

    /// <summary>Ends them, also when they are shared.</summary>
    public async ValueTask EndAsync()
    {
        await (_page?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var (_, process) in _running)
        {
            await process.DisposeAsync();
        }

        if (_run.Stopping.IsCancellationRequested)
        {
            // Ctrl-C reached the servers too.
            return;
        }

        await using var redis = await ConnectionMultiplexer.ConnectAsync(_run.Servers.Redis.ConnectionString);
        await foreach (var keys in redis.GetServers()[0].KeysAsync(pattern: $"{_settings["Ingest:Prefix"]}*", pageSize: 1_000).Chunk(1_000))
        {
            await redis.GetDatabase().KeyDeleteAsync(keys);
        }

        if (_ownsPours)
        {
            await Pours.DisposeAsync();
        }
    }
}
