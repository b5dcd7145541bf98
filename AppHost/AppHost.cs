using System.Globalization;
using AppHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, EnableResourceLogging = true });
using var preflight = new Preflight(builder);
if (preflight.Problem is { } problem)
{
    Console.Error.WriteLine(problem);
    return 1;
}

var settings = preflight.Settings;
var kegLowShare = settings.KegLowShare.ToString(CultureInfo.InvariantCulture);
var tracesUrl = settings.DashboardUrl is { } dashboard ? $"{dashboard}/traces" : null;
var stores = builder.AddStores(settings);
var adminKey = builder.AddSecret("admin-key").WithFile(Path.Combine(settings.DataPath, "admin-key"));

var worker = builder
    .AddProject<Projects.Consumer_Worker>("consumer-worker")
    .WithStores(stores)
    .WithEnvironment("Kegs__LowShare", kegLowShare)
    .WithArchive(settings)
    .WithHealthPort()
    .WithReplicas(2)
    .WithIconName("DatabaseArrowDown");

var bridge = builder
    .AddProject<Projects.Mqtt_Bridge>("mqtt-bridge")
    .WithStores(stores)
    .WithHealthPort()
    .WithEndpoint(scheme: "mqtt", name: "mqtt", env: "Mqtt__Port")
    // Behind a proxy all taps would have one address, and be limited together.
    .WithOwnPort("mqtt", settings.Listen, settings.Ports.Mqtt)
    .WithEnvironment("Mqtt__ListenAddress", settings.Listen)
    .WithUrlForEndpoint("mqtt", url => url.DisplayText = "MQTT")
    .WithIconName("Router");

var api = builder
    .AddProject<Projects.Ingest_Api>("ingest-api")
    .WithStores(stores)
    .WaitFor(worker)
    .WithEnvironment("Admin__Key", adminKey)
    .WithVenue()
    .WithEnvironment("Dashboard__TracesUrl", tracesUrl)
    .WithOwnPort("http", settings.Listen, settings.Ports.Api)
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", url => (url.DisplayText, url.Url) = ("Swagger UI", "/api"))
    .WithIconName("Server")
    .WithNewTokenCommand(adminKey);
adminKey.WithParentRelationship(api);
worker.WithRequeueCommand(api, adminKey);

if (settings.IsOpen && string.IsNullOrEmpty(builder.Configuration["Mqtt:AllowAnonymous"]))
{
    // The development profile lets any client in, because it is one of this machine.
    bridge.WithEnvironment("Mqtt__AllowAnonymous", "false");
}

builder
    .AddProject<Projects.Dashboard_Web>("dashboard-web")
    .WithStores(stores)
    // Pages that change something call it as their visitor.
    .WithReference(api)
    .WithVenue()
    .WaitFor(worker)
    .WithEnvironment("Dashboard__TracesUrl", tracesUrl)
    .WithEnvironment("Kegs__LowShare", kegLowShare)
    .WithOwnPort("http", settings.Listen, settings.Ports.Page)
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", url => url.DisplayText = "Page")
    .WithIconName("Board");

if (settings.Simulator)
{
    builder
        .AddSimulator("tap-simulator", bridge, api, adminKey)
        .WithEnvironment("Simulator__JournalPath", Path.Combine(settings.DataPath, "taps"))
        .WithEnvironment("Simulator__Rush", "evening")
        .WithEnvironment("Simulator__Meters__Count", "2")
        .WithEnvironment("Simulator__Meters__Register", "true")
        .WithIconName("DrinkBeer")
        .WithTapCommands();
}

builder
    .AddSimulator("load-generator", bridge, api, adminKey)
    .WithEnvironment("Simulator__FirstTap", "1001")
    .WithEnvironment("Simulator__Taps", "200")
    .WithEnvironment("Simulator__Rate", "500")
    .WithIconName("TopSpeed")
    .WithExplicitStart();

builder.StartServicesAsBuilt();
builder.Services.AddSingleton(settings).AddSingleton(stores).AddHostedService<StoreWatch>();

// First, because the start of the resources ends only when all of them have started.
builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, Announcement>());

await using var app = builder.Build();
try
{
    await app.StartAsync();
    await app.WaitForShutdownAsync();
}
catch (OperationCanceledException)
{
    // Asked to stop while it was starting: what has started by now is stopped too, before this process ends.
    await app.StopAsync();
}

return 0;
