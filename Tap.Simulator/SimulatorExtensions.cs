using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Taproom.Simulator;

/// <summary>Registers the simulated taps.</summary>
internal static class SimulatorExtensions
{
    /// <summary>Adds the fleet of taps, with a health check <c>taps</c> that is degraded while some tap is not connected.</summary>
    public static void AddTapFleet(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SimulatorOptions>().BindConfiguration(SimulatorOptions.SectionName).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SimulatorOptions>, SimulatorOptionsValidator>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(BridgeAddress.From(builder.Configuration));
        builder.Services.AddSingleton<SimulatorMetrics>();
        builder.Services.AddSingleton<TapFleet>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TapFleet>());
        builder.Services.AddHealthChecks().AddCheck<TapFleet>("taps");
    }
}
