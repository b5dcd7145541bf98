using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Taproom.Simulator.Faults;
using Taproom.Simulator.Http;
using Taproom.Simulator.Verify;

namespace Taproom.Simulator;

/// <summary>Registers the simulated taps.</summary>
internal static class SimulatorExtensions
{
    /// <summary>Name of the HTTP client whose base address is the API's.</summary>
    public const string ApiClient = "ingest-api";

    // What stands beside the services must not want a port of theirs.
    private const string FreePort = "http://127.0.0.1:0";

    /// <summary>Adds one tap over HTTP where the environment asks for it (<see cref="HttpTapOptions"/>), else the fleet over MQTT.</summary>
    public static void AddSimulatedTaps(this IHostApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration[HttpTapOptions.AddressKey]))
        {
            builder.AddTapFleet();
            builder.AddVerification();
        }
        else
        {
            builder.AddHttpTap();
        }
    }

    /// <summary>Adds the fleet of taps, with a health check <c>taps</c> that is degraded while some tap is not connected.</summary>
    public static void AddTapFleet(this IHostApplicationBuilder builder)
    {
        builder.AddSimulator();
        builder.Services.AddOptions<FaultOptions>().BindConfiguration(FaultOptions.SectionName).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<FaultOptions>, FaultOptionsValidator>();
        builder.Services.AddOptions<VerifyOptions>().BindConfiguration(VerifyOptions.SectionName).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<VerifyOptions>, VerifyOptionsValidator>();
        builder.Services.AddSingleton(BridgeAddress.From(builder.Configuration));
        builder.Services.AddSingleton<SimulatorMetrics>();
        builder.Services.AddSingleton<PourLedger>();
        builder.Services.AddSingleton<TapFleet>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TapFleet>());
        builder.Services.AddHealthChecks().AddCheck<TapFleet>("taps");
    }

    private static void AddHttpTap(this IHostApplicationBuilder builder)
    {
        builder.Configuration["urls"] ??= FreePort;
        builder.AddSimulator();
        builder.Services.AddOptions<HttpTapOptions>().Bind(builder.Configuration).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<HttpTapOptions>, HttpTapOptionsValidator>();
        builder.Services.AddHostedService<HttpTap>();
    }

    private static void AddSimulator(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SimulatorOptions>().BindConfiguration(SimulatorOptions.SectionName).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SimulatorOptions>, SimulatorOptionsValidator>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<TapRegistration>();
        var inetAddress = builder.Configuration[HttpTapOptions.AddressKey];
        var api = !string.IsNullOrEmpty(inetAddress) ? $"http://{inetAddress}" : builder.Configuration["services:ingest-api:http:0"];
        builder.Services.AddHttpClient(ApiClient, (services, http) => http.BaseAddress =
            services.GetRequiredService<IOptions<SimulatorOptions>>().Value.Api ?? new Uri(api ?? "http://localhost:8338"));
    }

    /// <summary>Adds the verification of a bounded run, where one is asked for.</summary>
    private static void AddVerification(this IHostApplicationBuilder builder)
    {
        if (!builder.Configuration.GetValue<bool>($"{VerifyOptions.SectionName}:{nameof(VerifyOptions.Enabled)}"))
        {
            return;
        }

        builder.Configuration["urls"] ??= FreePort;
        builder.Services.AddHostedService<VerifiedRun>();
    }
}
