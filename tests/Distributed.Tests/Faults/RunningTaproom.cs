using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MQTTnet.Formatter;
using Npgsql;
using Testing;

namespace Distributed.Tests.Faults;

/// <summary>Servers and services of a Taproom, each a process of its own, with a relay on every way between two of them.</summary>
internal sealed class RunningTaproom : IAsyncDisposable
{
    private const string AdminKey = "key-of-the-fault-tests";

    private readonly List<ServiceServer> _services = [];
    private readonly Dictionary<string, List<TcpRelay>> _networks = [];
    private readonly List<int> _bridgePorts = [];
    private readonly Dictionary<int, string> _tokens = [];
    private readonly string _logs;
    private string _database = "";
    private int _apiPort;
    private int _brokerPort;

    /// <summary>Prepares one; nothing runs yet.</summary>
    /// <param name="redis">Its Redis; null for one as it is shipped.</param>
    public RunningTaproom(RedisServer? redis = null)
    {
        Redis = redis ?? new();
        _logs = Directory.CreateDirectory(Path.Combine(RunLog.Folder, $"logs-{DateTime.UtcNow:HHmmss}")).FullName;
    }

    /// <summary>Its Redis.</summary>
    public RedisServer Redis { get; }

    /// <summary>Its Postgres.</summary>
    public PostgresServer Postgres { get; } = new();

    /// <summary>A broker that the bridges have joined.</summary>
    public MosquittoBroker Broker { get; } = new();

    /// <summary>The store of the archive.</summary>
    public S3Server Store { get; } = new();

    /// <summary>The archive's folder, which both workers share.</summary>
    public string Archive { get; } = Directory.CreateTempSubdirectory("taproom-archive-").FullName;

    /// <summary>The services by their names: those of their resources, and a number where there are two.</summary>
    public IReadOnlyList<ServiceServer> Services => _services;

    /// <summary>The ways between two of them, by the names of both; there are several where a service runs twice.</summary>
    public IReadOnlyDictionary<string, List<TcpRelay>> Networks => _networks;

    /// <summary>Connection string of the database, not through a relay.</summary>
    public string Database => _database;

    /// <summary>Starts the servers and the services: two bridges and two workers, or one of each and no broker and no page.</summary>
    public async Task StartAsync(bool isWhole)
    {
        await Task.WhenAll([Redis.StartAsync(), Postgres.StartAsync(), .. isWhole ? [Broker.StartAsync(), Store.StartAsync()] : Array.Empty<Task>()]);
        await Postgres.SyncAsync();
        _database = await Postgres.CreateDatabaseAsync();
        for (var n = 1; n <= (isWhole ? 2 : 1); n++)
        {
            AddWorker(n, isWhole);
            AddBridge(n, isWhole);
        }

        var api = Add("ingest-api", 0, "Ingest.Api", [("Admin:Key", AdminKey)]);
        _apiPort = Relay("taps", "ingest-api", api.Port);
        if (isWhole)
        {
            _brokerPort = Relay("taps", "mosquitto", Broker.Port);
            Add("dashboard-web", 0, "Dashboard.Web", [("ASPNETCORE_ENVIRONMENT", "Development")]);
        }

        await Task.WhenAll(_services.Select(service => service.StartAsync()));
    }

    /// <summary>Registers taps, and puts a keg on each.</summary>
    public async Task RegisterAsync(IEnumerable<int> taps)
    {
        using var api = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Api.Port}") };
        api.DefaultRequestHeaders.Authorization = new("Bearer", AdminKey);
        foreach (var tap in taps)
        {
            await SendAsync(api, HttpMethod.Post, "/api/taps", new { id = tap, name = $"Tap {tap}" });
            var token = await SendAsync(api, HttpMethod.Post, $"/api/taps/{tap}/token", new { });
            _tokens[tap] = token.GetProperty("token").GetString()!;
            var keg = await SendAsync(api, HttpMethod.Post, "/api/kegs", new { beverage = "Pils", sizeMl = 1_000_000_000 });
            await SendAsync(api, HttpMethod.Put, $"/api/taps/{tap}/keg", new { kegId = keg.GetProperty("id").GetGuid() });
        }
    }

    /// <summary>The bridges, for a tap that takes the other one when it loses the first.</summary>
    public IReadOnlyList<ITapTransport> BridgeTransports(MqttProtocolVersion version, bool receipts = false) =>
        [.. _bridgePorts.Select(port => new MqttTransport(port, version, _tokens, receipts))];

    /// <summary>The API.</summary>
    public ITapTransport ApiTransport() => new HttpTransport(_apiPort, _tokens);

    /// <summary>The broker.</summary>
    public ITapTransport BrokerTransport() => new MqttTransport(_brokerPort, MqttProtocolVersion.V500, tokens: null, receipts: true);

    /// <summary>The services of a name, without their numbers.</summary>
    public IEnumerable<ServiceServer> Named(string name) => _services.Where(service => service.Name.StartsWith(name, StringComparison.Ordinal));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // First the services: one that stops in order finds its servers.
        await Task.WhenAll(_services.Select(service => service.DisposeAsync()));
        foreach (var relay in _networks.Values.SelectMany(relays => relays))
        {
            await relay.DisposeAsync();
        }

        await Task.WhenAll(Redis.DisposeAsync(), Postgres.DisposeAsync(), Broker.DisposeAsync(), Store.DisposeAsync());
        Directory.Delete(Archive, recursive: true);
    }

    /// <summary>The API.</summary>
    public ServiceServer Api => Named("ingest-api").Single();

    private void AddWorker(int n, bool hasArchive) =>
        Add(
            "consumer-worker",
            n,
            "Consumer.Worker",
            [
                .. hasArchive
                    ?
                    [
                        ("Archive:Path", Archive),
                        ("Archive:MaxBackoff", "00:00:02"),
                        ("Archive:S3:ServiceUrl", $"http://127.0.0.1:{Relay("consumer-worker", "s3", Store.Port)}"),
                        ("Archive:S3:Bucket", S3Server.Bucket),
                        ("Archive:S3:AccessKey", S3Server.Key),
                        ("Archive:S3:SecretKey", S3Server.Key),
                        ("Archive:S3:ForcePathStyle", "true"),
                        ("Archive:S3:Timeout", "00:00:05"),
                    ]
                    : Array.Empty<(string, string)>(),
            ]
        );

    private void AddBridge(int n, bool hasBroker)
    {
        var port = LocalServer.FreePort();
        Add(
            "mqtt-bridge",
            n,
            "Mqtt.Bridge",
            [
                ("Mqtt:Port", $"{port}"),
                .. hasBroker
                    ?
                    [
                        ("Mqtt:Upstream", $"mqtt://127.0.0.1:{Relay("mqtt-bridge", "mosquitto", Broker.Port)}"),
                        ("Mqtt:UpstreamClientId", $"bridge-{n}"),
                    ]
                    : Array.Empty<(string, string)>(),
            ]
        );
        _bridgePorts.Add(Relay("taps", "mqtt-bridge", port));
    }

    private ServiceServer Add(string name, int number, string project, (string Key, string Value)[] more)
    {
        var database = new NpgsqlConnectionStringBuilder(_database);
        // The pool as shipped; that of tests is small and soon lets connections go.
        var shipped = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Relay(name, "postgres", database.Port),
            Username = database.Username,
            Password = database.Password,
            Database = database.Database,
        };
        var settings = new Dictionary<string, string?>
        {
            ["ConnectionStrings:redis"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Relay(name, "redis", Redis.Port)}"),
            ["ConnectionStrings:taproomdb"] = shipped.ConnectionString,
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        var service = new ServiceServer(number == 0 ? name : $"{name}-{number}", project, settings, _logs);
        _services.Add(service);
        return service;
    }

    private int Relay(string from, string to, int target)
    {
        var relay = new TcpRelay(target);
        if (!_networks.TryGetValue($"{from} - {to}", out var relays))
        {
            _networks[$"{from} - {to}"] = relays = [];
        }

        relays.Add(relay);
        return relay.Port;
    }

    // Who is told 503 comes again, and may find that it was done the first time.
    private static async Task<JsonElement> SendAsync(HttpClient api, HttpMethod method, string path, object body)
    {
        JsonElement json = default;
        await Eventually.TrueAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
                using var answer = await api.SendAsync(request);
                if (answer.StatusCode is HttpStatusCode.ServiceUnavailable)
                {
                    return false;
                }

                if (answer.StatusCode is not HttpStatusCode.Conflict)
                {
                    json = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
                }

                return true;
            },
            $"{path} is answered"
        );
        return json;
    }
}
