using System.Diagnostics;
using System.Net.WebSockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Testing;

namespace Distributed.Tests;

/// <summary>The whole topology with its dashboard, started by the AppHost on free ports with a data folder of its own.</summary>
public sealed class TaproomApp : IAsyncLifetime
{
    // Below the time after which a run is ended for hanging, so that a start that fails says what it has waited for.
    private static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(2.5);

    private readonly int _dashboardPort = LocalServer.FreePort();
    private readonly string[] _settings;

    private DistributedApplication? _app;

    /// <summary>Chooses the ports.</summary>
    public TaproomApp()
    {
        Dashboard = new AspireDashboard(new Uri($"http://localhost:{_dashboardPort}"));
        _settings =
        [
            .. Settings(DataPath),
            .. Secrets,
            "--Taproom:KegLowShare=0.9",
            $"--ASPNETCORE_URLS={Dashboard.Address}",
            "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:0",
            "--ASPIRE_ALLOW_UNSECURED_TRANSPORT=true",
            "--ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS=true",
            "--DcpPublisher:RandomizePorts=false",
        ];
    }

    /// <summary>The admin key of this run.</summary>
    public const string AdminKey = "key-of-the-distributed-tests";

    /// <summary>The password of Postgres in this run.</summary>
    public const string PostgresPassword = "password-of-the-distributed-tests";

    /// <summary>Secrets that are given and not generated: those are kept in the user's own file, which another AppHost may just be reading.</summary>
    public static IReadOnlyList<string> Secrets => [$"--Parameters:admin-key={AdminKey}", $"--Parameters:postgres-password={PostgresPassword}"];

    /// <summary>Receives the telemetry of every service; starts and stops with them.</summary>
    public AspireDashboard Dashboard { get; }

    /// <summary>Keeps the servers' data; outlives <see cref="StopAsync"/>.</summary>
    public string DataPath { get; } = Directory.CreateTempSubdirectory("taproom-").FullName;

    /// <summary>The running application.</summary>
    public DistributedApplication App => _app ?? throw new InvalidOperationException("Not started.");

    /// <inheritdoc />
    public Task InitializeAsync() => StartAsync();

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await StopAsync();
        Dashboard.Dispose();
        Directory.Delete(DataPath, recursive: true);
    }

    /// <summary>Starts everything and waits until it is healthy.</summary>
    public async Task StartAsync()
    {
        using var deadline = new CancellationTokenSource(StartDeadline);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            _settings,
            (options, _) => (options.DisableDashboard, options.EnableResourceLogging) = (false, false),
            deadline.Token
        );
        // A busy machine may answer 503, which asks to come again.
        builder.Services.ConfigureHttpClientDefaults(http => http.AddStandardResilienceHandler());
        _app = await builder.BuildAsync(deadline.Token);
        await _app.StartAsync(deadline.Token);
        await Task.WhenAll(
            new[] { "consumer-worker", "mqtt-bridge", "ingest-api", "dashboard-web", "tap-simulator" }.Select(name =>
                _app.ResourceNotifications.WaitForResourceHealthyAsync(name, deadline.Token)
            )
        );
    }

    /// <summary>Settings of a topology of its own, without containers.</summary>
    public static IReadOnlyList<string> Settings(string dataPath) =>
        [
            $"--Taproom:DataPath={dataPath}",
            $"--Taproom:Ports:Page={LocalServer.FreePort()}",
            $"--Taproom:Ports:Api={LocalServer.FreePort()}",
            $"--Taproom:Ports:Mqtt={LocalServer.FreePort()}",
            // Volumes of containers would outlive the run and bring its pours to the next one.
            "--Taproom:Containers=false",
            // When it looked for a newer version is kept in the file of the user's secrets, too.
            "--ASPIRE_VERSION_CHECK_DISABLED=true",
        ];

    /// <summary>An empty topology with settings, for what needs no servers.</summary>
    public static IDistributedApplicationBuilder Builder(params string[] settings) =>
        DistributedApplication.CreateBuilder(
            new DistributedApplicationOptions
            {
                AssemblyName = "AppHost",
                DisableDashboard = true,
                Args = ["--environment=Development", .. settings],
            }
        );

    /// <summary>Stops everything; the data stays.</summary>
    public async Task StopAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
            _app = null;
        }
    }

    /// <summary>Address of an endpoint.</summary>
    public Uri Endpoint(string resource, string name = "http") => App.GetEndpoint(resource, name);

    /// <summary>Somebody who listens to the hub: without one nothing is pushed.</summary>
    public async Task<ClientWebSocket> ListenAsync()
    {
        var listener = new ClientWebSocket();
        await listener.ConnectAsync(new UriBuilder(new Uri(Endpoint("dashboard-web"), "/hubs/pours")) { Scheme = "ws" }.Uri, CancellationToken.None);
        await listener.SendAsync("{\"protocol\":\"json\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        return listener;
    }

    /// <summary>Publishes a pour with a client that is not ours, QoS 1.</summary>
    /// <param name="protocol">Version of MQTT as mosquitto_pub takes it.</param>
    /// <param name="tap">The tap that the client says it is.</param>
    /// <param name="payload">The message.</param>
    /// <returns>The client's exit code.</returns>
    public async Task<int> PublishAsync(string protocol, int tap, string payload)
    {
        var mqtt = Endpoint("mqtt-bridge", "mqtt");
        using var client = Process.Start(
            "mosquitto_pub",
            [
                // A client of 3.1.1 must name itself.
                "-V",
                protocol,
                "-i",
                $"foreign-{tap}",
                "-h",
                mqtt.Host,
                "-p",
                mqtt.Port.ToString(),
                "-q",
                "1",
                "-u",
                tap.ToString(),
                "-P",
                "none yet",
                "-t",
                $"taps/{tap}/pours",
                "-m",
                payload,
            ]
        );
        await client.WaitForExitAsync();
        return client.ExitCode;
    }

    /// <summary>A client of Ingest.Api.</summary>
    public HttpClient ApiClient() => App.CreateHttpClient("ingest-api");

    /// <summary>Connection string that services get under a name.</summary>
    public async Task<string> ConnectionStringAsync(string name) =>
        await App.GetConnectionStringAsync(name) ?? throw new InvalidOperationException($"No connection string {name}.");
}

[CollectionDefinition(nameof(TaproomCollection))]
public sealed class TaproomCollection : ICollectionFixture<TaproomApp>, ICollectionFixture<Browser.Tests.Chromium>;
