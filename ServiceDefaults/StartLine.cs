using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults;

/// <summary>Says in one line of the log, when a service starts, how it is set.</summary>
internal sealed partial class StartLine(
    Func<IServiceProvider, IEnumerable<(string Name, object? Value)>> settings,
    IServiceProvider services,
    IConfiguration configuration,
    IHostEnvironment environment,
    ILogger<StartLine> logger
) : IHostedService
{
    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var telemetry = configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } endpoint ? StartLineExtensions.AddressOf(endpoint) : "off";
        LogStarts(environment.ApplicationName, string.Join(", ", settings(services).Append(("telemetry", telemetry)).Select(Text)));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static string Text((string Name, object? Value) setting) => FormattableString.Invariant($"{setting.Name} {setting.Value ?? "off"}");

    [LoggerMessage(LogLevel.Information, "{Service} starts with {Settings}.")]
    private partial void LogStarts(string service, string settings);
}

/// <summary>Adds the line.</summary>
public static class StartLineExtensions
{
    /// <summary>Has the service say how it is set when it starts: <c>Name starts with redis localhost:6379, partitions 4, ..., telemetry off.</c></summary>
    /// <param name="builder">The service's host builder.</param>
    /// <param name="settings">Names and values, none of them secret; null is said as <c>off</c>.</param>
    public static void AddStartLine(
        this IHostApplicationBuilder builder,
        Func<IServiceProvider, IEnumerable<(string Name, object? Value)>> settings
    ) => builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<StartLine>(services, settings));

    /// <summary>Of a URL only what says where it is: scheme, host and port; user, password, path and query may be secret.</summary>
    public static string AddressOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Host.Length > 0
            ? address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
            : "set, but no URL";
}
