using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Taproom.Simulator.Faults;
using Taproom.Simulator.Verify;

namespace Taproom.Simulator;

/// <summary>Registers the simulated taps.</summary>
internal static class SimulatorExtensions
{
    /// <summary>Name of the HTTP client whose base address is the API's.</summary>
    public const string ApiClient = "ingest-api";

    /// <summary>Adds the fleet of taps, with a health check <c>taps</c> that is degraded while some tap is not connected.</summary>
    public static void AddTapFleet(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SimulatorOptions>().BindConfiguration(SimulatorOptions.SectionName).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SimulatorOptions>, SimulatorOptionsValidator>();
        builder.Services.AddOptions<FaultOptions>().BindConfiguration(FaultOptions.SectionName).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<FaultOptions>, FaultOptionsValidator>();
        builder.Services.AddOptions<VerifyOptions>().BindConfiguration(VerifyOptions.SectionName).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<VerifyOptions>, VerifyOptionsValidator>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(BridgeAddress.From(builder.Configuration));
        builder.Services.AddSingleton<SimulatorMetrics>();
        builder.Services.AddSingleton<PourLedger>();
        builder.Services.AddSingleton<TapRegistration>();
        builder.Services.AddHttpClient(ApiClient, (services, http) => http.BaseAddress =
            services.GetRequiredService<IOptions<SimulatorOptions>>().Value.Api
            ?? new Uri(builder.Configuration["services:ingest-api:http:0"] ?? "http://localhost:8338"));
        builder.Services.AddSingleton<TapFleet>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TapFleet>());
        builder.Services.AddHealthChecks().AddCheck<TapFleet>("taps");
    }

    /// <summary>Adds the verification of a bounded run, where one is asked for.</summary>
    public static void AddVerification(this IHostApplicationBuilder builder)
    {
        if (!builder.Configuration.GetValue<bool>($"{VerifyOptions.SectionName}:{nameof(VerifyOptions.Enabled)}"))
        {
            return;
        }

        // Such a run stands beside the services, so it must not want a port of theirs.
        builder.Configuration["urls"] ??= "http://127.0.0.1:0";
        builder.Services.AddHostedService<VerifiedRun>();
    }
}
