using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace ServiceDefaults;

/// <summary>Wires OpenTelemetry to what .NET, Npgsql and Taproom's own services measure.</summary>
internal static class TelemetryExtensions
{
    /// <summary>Bucket bounds in seconds that OpenTelemetry's messaging conventions advise for durations.</summary>
    private static readonly double[] DurationBounds = [.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10];

    /// <summary>Adds traces, metrics and logs; sent when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
    /// <param name="builder">The service's host builder.</param>
    /// <param name="isProbe">Requests that come every few seconds, with queries of their own, and would bury the pours; they get no trace.</param>
    public static void AddTelemetry(this IHostApplicationBuilder builder, Func<HttpContext, bool> isProbe)
    {
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        builder.Services.AddValidated<TracingOptions, TracingOptionsValidator>(TracingOptions.SectionName);
        builder.Services.AddSingleton<BoundedSampler>();
        var telemetry = builder
            .Services.AddOpenTelemetry()
            .WithTracing(tracing =>
                tracing
                    .SetSampler(services => services.GetRequiredService<BoundedSampler>())
                    .AddSource(builder.Environment.ApplicationName, "Taproom.*", "Npgsql")
                    .AddAspNetCoreInstrumentation(options => options.Filter = context => !isProbe(context))
                    .AddHttpClientInstrumentation()
            )
            .WithMetrics(metrics =>
                metrics
                    .AddMeter(builder.Environment.ApplicationName, "Taproom.*", "Npgsql")
                    .AddAspNetCoreInstrumentation()
                    .AddHttpClientInstrumentation()
                    .AddRuntimeInstrumentation()
                    .AddView(instrument =>
                        instrument.Unit == "s" && instrument.Name.Split('.')[0] is "messaging" or "taproom"
                            ? new ExplicitBucketHistogramConfiguration { Boundaries = DurationBounds }
                            : null
                    )
            );

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
        }
    }
}
