using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Taproom.ServiceDefaults;

/// <summary>Wires OpenTelemetry's core packages to the sources that .NET, Npgsql and Taproom's own services have built in.</summary>
internal static class TelemetryExtensions
{
    /// <summary>Bucket bounds in seconds that the messaging conventions advise for durations.</summary>
    private static readonly double[] DurationBounds =
        [.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10];

    /// <summary>Adds traces, metrics and logs; sent when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        // Without this ASP.NET Core leaves the standard HTTP tags to an instrumentation package.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);

        var telemetry = new TelemetryBuilder(builder.Services)
            .WithTracing(tracing => tracing
                .AddSource("Taproom.*", "Microsoft.AspNetCore", "System.Net.Http", "Npgsql"))
            .WithMetrics(metrics => metrics
                .AddMeter(
                    "Taproom.*",
                    "Microsoft.AspNetCore.Hosting",
                    "Microsoft.AspNetCore.Server.Kestrel",
                    "System.Net.Http",
                    "System.Runtime",
                    "Npgsql")
                .AddView(instrument => instrument is Histogram<double> { Unit: "s" } && instrument.Meter.Name.StartsWith("Taproom.", StringComparison.Ordinal)
                    ? new ExplicitBucketHistogramConfiguration { Boundaries = DurationBounds }
                    : null))
            .WithLogging(configureBuilder: null, logging =>
            {
                logging.IncludeFormattedMessage = true;
                logging.IncludeScopes = true;
            });

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
        }

        // First of all hosted services, so that nothing that a service does at its start goes untraced.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryStarter>());
    }

    private sealed class TelemetryBuilder(IServiceCollection services) : IOpenTelemetryBuilder
    {
        public IServiceCollection Services => services;
    }

    private sealed class TelemetryStarter(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            services.GetService<MeterProvider>();
            services.GetService<TracerProvider>();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
