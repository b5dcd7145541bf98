using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.Tests;

/// <summary>What resources are told through their environment.</summary>
public sealed class EnvironmentTests
{
    [Fact]
    public async Task Variables_take_texts_parameters_endpoints_and_expressions()
    {
        await using var builder = Apps.Create();
        var secret = builder.AddParameter("key", new KeptSecret(), secret: true);
        var server = builder.AddScript("server", "sleep 1000").WithHttpEndpoint(name: "http");
        var endpoint = server.GetEndpoint("http");
        var job = builder.AddEnvironmentPrinter("job")
            .WithEnvironment("TEXT", "a b")
            .WithEnvironment("KEY", secret)
            .WithEnvironment("URL", endpoint)
            .WithEnvironment("MIXED", $"{secret}@{endpoint.Property(EndpointProperty.Port)}{{}}")
            .WithEnvironment(context => context.EnvironmentVariables["NUMBER"] = 7);
        await using var app = await builder.StartAsync();
        var lines = await app.OutputAsync(job);
        Assert.Contains("TEXT=a b", lines);
        Assert.Contains("KEY=kept!", lines);
        Assert.Contains($"URL={endpoint.Url}", lines);
        Assert.Contains($"MIXED=kept!@{endpoint.Port}{{}}", lines);
        Assert.Contains("NUMBER=7", lines);
    }

    [Fact]
    public async Task References_become_connection_strings_and_services()
    {
        await using var builder = Apps.Create("--ConnectionStrings:outside=Host=x");
        var server = builder.AddScript("redis-server", "sleep 1000").WithEndpoint(name: "tcp", scheme: "tcp");
        var endpoint = server.GetEndpoint("tcp");
        var redis = builder.AddConnectionString("redis", ReferenceExpression.Create(
            $"{endpoint.Property(EndpointProperty.Host)}:{endpoint.Property(EndpointProperty.Port)},name={"a{b}"}"));
        var job = builder.AddEnvironmentPrinter("job").WithReference(redis).WithReference(redis, "cache")
            .WithReference(builder.AddConnectionString("outside")).WithReference(endpoint);
        await using var app = await builder.StartAsync();
        var lines = await app.OutputAsync(job);
        Assert.Contains($"ConnectionStrings__redis=localhost:{endpoint.Port},name=a{{b}}", lines);
        Assert.Contains($"ConnectionStrings__cache=localhost:{endpoint.Port},name=a{{b}}", lines);
        Assert.Contains("ConnectionStrings__outside=Host=x", lines);
        Assert.Contains($"services__redis-server__tcp__0={endpoint.Url}", lines);
        Assert.Contains($"REDIS_SERVER_TCP={endpoint.Url}", lines);
    }

    [Fact]
    public async Task The_hosts_own_environment_name_and_urls_are_not_inherited()
    {
        await using var builder = Apps.Create();
        var job = builder.AddEnvironmentPrinter("job");
        await using var app = await builder.StartAsync();
        var lines = await app.OutputAsync(job);
        Assert.DoesNotContain(lines, l => l.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || l.StartsWith("DOTNET_ENVIRONMENT", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("PATH=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Telemetry_settings_are_those_of_the_dashboard()
    {
        await using var builder = Apps.Create(
            "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:9", "--AppHost:OtlpApiKey=k", "--environment=Development");
        var job = builder.AddEnvironmentPrinter("job").WithOtlpExporter();
        await using var app = await builder.StartAsync();
        var lines = await app.OutputAsync(job);
        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:9", lines);
        Assert.Contains("OTEL_EXPORTER_OTLP_PROTOCOL=grpc", lines);
        Assert.Contains("OTEL_EXPORTER_OTLP_HEADERS=x-otlp-api-key=k", lines);
        Assert.Contains("OTEL_SERVICE_NAME=job", lines);
        Assert.Contains("OTEL_BSP_SCHEDULE_DELAY=1000", lines);
        Assert.Contains(lines, l => l.StartsWith("OTEL_RESOURCE_ATTRIBUTES=service.instance.id=job-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Configuration_wins_over_a_parameters_default()
    {
        await using var builder = Apps.Create("--Parameters:key=configured");
        var parameter = builder.AddParameter("key", new KeptSecret(), secret: true);
        Assert.Equal("configured", await parameter.Resource.GetValueAsync(Apps.Soon()));
    }

    [Fact]
    public async Task A_parameter_without_a_value_fails_what_uses_it()
    {
        await using var builder = Apps.Create();
        var parameter = builder.AddParameter("key");
        builder.AddScript("job", "true").WithEnvironment("KEY", parameter);
        await using var app = await builder.StartAsync();
        await app.ReachesAsync("key", KnownResourceStates.ValueMissing);
        await app.ReachesAsync("job", KnownResourceStates.FailedToStart);
        await Assert.ThrowsAsync<MissingParameterValueException>(async () => await parameter.Resource.GetValueAsync(Apps.Soon()));
    }

    [Fact]
    public void A_generated_default_has_what_was_asked_for()
    {
        var value = new GenerateParameterDefault { MinLength = 30, Special = false, MinNumeric = 3, MinUpper = 2 }.GetDefaultValue();
        Assert.Equal(30, value.Length);
        Assert.True(value.Count(char.IsAsciiDigit) >= 3);
        Assert.True(value.Count(char.IsAsciiLetterUpper) >= 2);
        Assert.All(value, c => Assert.True(char.IsAsciiLetterOrDigit(c)));
    }

    private sealed class KeptSecret : ParameterDefault
    {
        public override string GetDefaultValue() => "kept!";

        public override void WriteToManifest(ManifestPublishingContext context) => context.Writer.WriteNullValue();
    }
}
