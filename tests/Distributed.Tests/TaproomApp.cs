using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Testing;

namespace Distributed.Tests;

/// <summary>The whole topology, started by the AppHost on free ports with a data folder of its own.</summary>
public sealed class TaproomApp : IAsyncLifetime
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(120);

    private DistributedApplication? _app;

    /// <summary>The admin key of this run.</summary>
    public const string AdminKey = "key-of-the-distributed-tests";

    /// <summary>Receives the telemetry of every service.</summary>
    public AspireDashboard Dashboard { get; } = new();

    /// <summary>Keeps generated secrets and the servers' data; outlives <see cref="StopAsync"/>.</summary>
    public string DataPath { get; } = Directory.CreateTempSubdirectory("taproom-").FullName;

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await Dashboard.InitializeAsync();
        await StartAsync();
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await StopAsync();
        await Dashboard.DisposeAsync();
        Directory.Delete(DataPath, recursive: true);
    }

    /// <summary>Starts everything and waits until it is healthy.</summary>
    public async Task StartAsync()
    {
        using var deadline = new CancellationTokenSource(StartDeadline);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            // Volumes of containers would outlive the run and bring its pours to the next one.
            [$"--Taproom:DataPath={DataPath}", "--Taproom:Containers=false", "--Taproom:KegLowShare=0.9", $"--Parameters:admin-key={AdminKey}"],
            deadline.Token
        );
        foreach (var project in builder.Resources.OfType<ProjectResource>().ToArray())
        {
            builder.CreateResourceBuilder(project).WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", Dashboard.OtlpEndpoint);
        }

        _app = await builder.BuildAsync(deadline.Token);
        await _app.StartAsync(deadline.Token);
        await Task.WhenAll(
            new[] { "consumer-worker", "mqtt-bridge", "ingest-api", "dashboard-web", "tap-simulator" }.Select(name =>
                _app.ResourceNotifications.WaitForResourceHealthyAsync(name, deadline.Token)
            )
        );
    }

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

    private DistributedApplication App => _app ?? throw new InvalidOperationException("Not started.");
}

[CollectionDefinition(nameof(TaproomCollection))]
public sealed class TaproomCollection : ICollectionFixture<TaproomApp>, ICollectionFixture<Browser.Tests.Chromium>;
