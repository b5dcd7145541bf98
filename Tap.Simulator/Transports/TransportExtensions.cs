using System.Net.Http.Headers;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly.CircuitBreaker;
using ServiceDefaults;

namespace Tap.Simulator.Transports;

/// <summary>Registers how taps and meters reach Taproom.</summary>
internal static class TransportExtensions
{
    /// <summary>Name of the HTTP client for registration and for reading lists; its calls are made again until the API answers. Never for pours.</summary>
    public const string ApiClient = "ingest-api";

    /// <summary>Where the first beer-tap server's clients have the address of the API, <c>host:port</c>.</summary>
    public const string InetAddressKey = "INET_ADDR";

    /// <summary>Adds the transport of <see cref="TransportOptions.Protocol"/>, the registration of taps, and the client for the API.</summary>
    public static void AddTransport(this IHostApplicationBuilder builder)
    {
        builder
            .Services.AddValidated<TransportOptions, TransportOptionsValidator>(TransportOptions.SectionName)
            .PostConfigure<IConfiguration>(FillIn);
        builder.Services.AddHttpClient(ApiClient, Configure).AddStandardResilienceHandler().Configure(Configure);
        builder.Services.AddSingleton<TapRegistration>();
        builder.Services.AddSingleton<PublishMetrics>();
        builder.Services.AddSingleton<ITapTransport>(services =>
            services.GetRequiredService<IOptions<TransportOptions>>().Value.Protocol == TransportOptions.Http
                ? ActivatorUtilities.CreateInstance<HttpTransport>(services)
                : ActivatorUtilities.CreateInstance<MqttTransport>(services)
        );
    }

    private static void FillIn(TransportOptions options, IConfiguration configuration)
    {
        options.Mqtt ??= configuration["services:mqtt-bridge:mqtt:0"] ?? "mqtt://localhost:1883";
        options.Api ??= new Uri(
            configuration[InetAddressKey] is { Length: > 0 } address && Uri.TryCreate($"http://{address}", UriKind.Absolute, out _)
                ? $"http://{address}"
                : configuration["services:ingest-api:http:0"] ?? "http://localhost:8338"
        );
    }

    private static void Configure(IServiceProvider services, HttpClient http)
    {
        var options = services.GetRequiredService<IOptions<TransportOptions>>().Value;
        http.BaseAddress = options.Api;
        http.DefaultRequestHeaders.Authorization = string.IsNullOrEmpty(options.AdminKey)
            ? null
            : new AuthenticationHeaderValue("Bearer", options.AdminKey);
    }

    private static void Configure(HttpStandardResilienceOptions resilience, IServiceProvider services)
    {
        resilience.TotalRequestTimeout.Timeout = TimeSpan.FromMinutes(1);
        resilience.Retry.MaxRetryAttempts = int.MaxValue;
        resilience.Retry.Delay = TimeSpan.FromMilliseconds(250);
        resilience.Retry.MaxDelay = services.GetRequiredService<IOptions<TransportOptions>>().Value.MaxBackoff;
        resilience.Retry.ShouldHandle = outcome =>
            ValueTask.FromResult(HttpClientResiliencePredicates.IsTransient(outcome.Outcome) || outcome.Outcome.Exception is BrokenCircuitException);
    }
}
