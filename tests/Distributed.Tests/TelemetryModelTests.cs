using AppHost;
using Aspire.Hosting;

namespace Distributed.Tests;

/// <summary>What services are told of the dashboard; nothing is started here.</summary>
public sealed class TelemetryModelTests
{
    [Theory]
    [InlineData(null, "2000")]
    [InlineData("5000", "5000")]
    public async Task A_service_does_not_wait_for_long_for_a_dashboard_that_has_stopped(string? chosen, string told)
    {
        var builder = TaproomApp.Builder(chosen is null ? [] : [$"--OTEL_EXPORTER_OTLP_TIMEOUT={chosen}"]);
        var stores = builder.AddStores(new TaproomSettings { Containers = true });
        var service = builder.AddProject<Projects.Ingest_Api>("service").WithStores(stores);

        var environment = await ModelEnvironment.OfAsync(service.Resource, "OTEL_EXPORTER_OTLP_TIMEOUT");

        Assert.Equal(told, environment["OTEL_EXPORTER_OTLP_TIMEOUT"]);
    }
}
