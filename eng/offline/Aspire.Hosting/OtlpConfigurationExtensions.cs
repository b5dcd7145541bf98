using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>How telemetry is sent.</summary>
public enum OtlpProtocol
{
    /// <summary>gRPC.</summary>
    Grpc = 0,

    /// <summary>Protocol buffers over HTTP.</summary>
    HttpProtobuf = 1,
}

/// <summary>Says that a resource sends telemetry to the dashboard.</summary>
public class OtlpExporterAnnotation : IResourceAnnotation
{
    /// <summary>The only protocol it can send; any when null.</summary>
    public OtlpProtocol? RequiredProtocol { get; init; }
}

/// <summary>Tells resources where to send telemetry.</summary>
public static class OtlpConfigurationExtensions
{
    private const string DefaultUrl = "http://localhost:18889";

    // The dashboard is looked at by people; the exporters' own defaults of 5 to 60 seconds would look like loss.
    private const string DevelopmentDelayMilliseconds = "1000";

    /// <summary>Sets the <c>OTEL_*</c> variables of the resource when it starts.</summary>
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder) where T : IResourceWithEnvironment
    {
        Add(builder.Resource, builder.ApplicationBuilder.Configuration, builder.ApplicationBuilder.Environment, null);
        return builder;
    }

    /// <summary>Sets the <c>OTEL_*</c> variables of the resource, which can send one protocol only, when it starts.</summary>
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder, OtlpProtocol protocol) where T : IResourceWithEnvironment
    {
        Add(builder.Resource, builder.ApplicationBuilder.Configuration, builder.ApplicationBuilder.Environment, protocol);
        return builder;
    }

    /// <summary>Sets the <c>OTEL_*</c> variables of the resource when it starts.</summary>
    public static void AddOtlpEnvironment(IResource resource, IConfiguration configuration, IHostEnvironment environment) =>
        Add(resource, configuration, environment, null);

    private static void Add(IResource resource, IConfiguration configuration, IHostEnvironment environment, OtlpProtocol? required)
    {
        resource.Annotations.Add(new OtlpExporterAnnotation { RequiredProtocol = required });
        resource.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
        {
            var variables = context.EnvironmentVariables;
            var (url, protocol) = Target(configuration, required);
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = url;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
            variables["OTEL_SERVICE_NAME"] = resource.Name;
            // Each copy gets its own id when it is started.
            variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Running.LaunchPlan.InstanceIdPlaceholder}";
            if (configuration["AppHost:OtlpApiKey"] is { } key)
            {
                variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
            }
            if (environment.IsDevelopment())
            {
                variables["OTEL_BLRP_SCHEDULE_DELAY"] = DevelopmentDelayMilliseconds;
                variables["OTEL_BSP_SCHEDULE_DELAY"] = DevelopmentDelayMilliseconds;
                variables["OTEL_METRIC_EXPORT_INTERVAL"] = DevelopmentDelayMilliseconds;
                variables["OTEL_TRACES_SAMPLER"] = "always_on";
                variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
            }
        }));
    }

    private static (string Url, string Protocol) Target(IConfiguration configuration, OtlpProtocol? required)
    {
        var grpc = KnownConfigNames.Read(configuration, KnownConfigNames.OtlpGrpcUrl);
        var http = KnownConfigNames.Read(configuration, KnownConfigNames.OtlpHttpUrl);
        return required switch
        {
            OtlpProtocol.Grpc => (grpc ?? DefaultUrl, "grpc"),
            OtlpProtocol.HttpProtobuf => (http ?? throw new InvalidOperationException(
                $"OtlpExporter is configured to require http/protobuf, but no endpoint was configured for {KnownConfigNames.OtlpHttpUrl}"), "http/protobuf"),
            _ when grpc is not null => (grpc, "grpc"),
            _ when http is not null => (http, "http/protobuf"),
            _ => (DefaultUrl, "grpc"),
        };
    }
}

/// <summary>Configuration keys of the AppHost.</summary>
internal static class KnownConfigNames
{
    public const string FrontendUrls = "ASPNETCORE_URLS";
    public const string OtlpGrpcUrl = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    public const string OtlpHttpUrl = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";
    public const string AllowAnonymous = "ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS";
    public const string AllowUnsecuredTransport = "ASPIRE_ALLOW_UNSECURED_TRANSPORT";

    /// <summary>A value by its key, else by the key earlier versions used.</summary>
    public static string? Read(IConfiguration configuration, string key)
    {
        var value = configuration[key];
        return string.IsNullOrWhiteSpace(value) && key.StartsWith("ASPIRE_", StringComparison.Ordinal)
            ? NullIfBlank(configuration["DOTNET_" + key["ASPIRE_".Length..]])
            : NullIfBlank(value);
    }

    public static bool IsTrue(IConfiguration configuration, string key) => bool.TryParse(Read(configuration, key), out var value) && value;

    private static string? NullIfBlank(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}
