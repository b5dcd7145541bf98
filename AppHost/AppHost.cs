using System.Globalization;
using AppHost;

var builder = DistributedApplication.CreateBuilder(args);
var settings = TaproomSettings.Read(builder.Configuration, builder.AppHostDirectory);
var containers = settings.Containers ?? ContainerRuntime.Answers();

if (builder.ExecutionContext.IsRunMode && Preflight.Problem(settings, containers) is { } problem)
{
    Console.Error.WriteLine(problem);
    return 1;
}

var adminKey = builder.AddKeptSecret("admin-key", settings.DataPath);
var stores = containers ? builder.AddContainerStores() : builder.AddLocalStores(settings.DataPath);

var kegLowShare = settings.KegLowShare.ToString(CultureInfo.InvariantCulture);

var worker = builder
    .AddProject<Projects.Consumer_Worker>("consumer-worker")
    .WithStores(stores)
    .WithEnvironment("Kegs__LowShare", kegLowShare)
    .WithFreeHttpPort()
    .WithHttpHealthCheck("/health")
    .WithReplicas(2);

var bridge = builder
    .AddProject<Projects.Mqtt_Bridge>("mqtt-bridge")
    .WithStores(stores)
    .WithFreeHttpPort()
    // Not behind Aspire's proxy, which only this machine reaches: taps are on the network, and known by their address.
    .WithEndpoint(port: settings.MqttPort, scheme: "tcp", name: "mqtt", env: "Mqtt__Port", isProxied: settings.RandomPorts)
    .WithHttpHealthCheck("/health");

var api = builder
    .AddProject<Projects.Ingest_Api>("ingest-api")
    .WithStores(stores)
    .WaitFor(worker)
    .WithEnvironment("Admin__Key", adminKey)
    .WithEndpoint("http", endpoint => endpoint.Port = settings.ApiPort)
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint(
        "http",
        url =>
        {
            url.DisplayText = "API (Swagger UI)";
            url.Url += "/api";
        }
    );

builder
    .AddProject<Projects.Dashboard_Web>("dashboard-web")
    .WithStores(stores)
    .WaitFor(worker)
    .WithEnvironment("Dashboard__TracesUrl", settings.TracesUrl)
    .WithEnvironment("Kegs__LowShare", kegLowShare)
    .WithEndpoint("http", endpoint => endpoint.Port = settings.PagePort)
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", url => url.DisplayText = "Page");

if (settings.Simulator)
{
    builder
        .AddProject<Projects.Tap_Simulator>("tap-simulator")
        .WithReference(bridge.GetEndpoint("mqtt"))
        .WithReference(api)
        .WaitFor(bridge)
        .WaitFor(api)
        .WithEnvironment("Simulator__AdminKey", adminKey)
        .WithEnvironment("Simulator__JournalPath", Path.Combine(settings.DataPath, "taps"))
        .WithEnvironment("Simulator__Rush", "evening")
        .WithEnvironment("Simulator__Meters__Count", "2")
        .WithEnvironment("Simulator__Meters__Register", "true")
        .WithFreeHttpPort()
        .WithHttpHealthCheck("/health");
}

builder.Build().Run();
return 0;
