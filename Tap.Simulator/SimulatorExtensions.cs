using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Tap.Simulator.Faults;
using Tap.Simulator.Http;
using Tap.Simulator.Meters;
using Tap.Simulator.Mqtt;
using Tap.Simulator.Taps;
using Tap.Simulator.Verify;

namespace Tap.Simulator;

/// <summary>Registers the simulated taps and meters.</summary>
internal static class SimulatorExtensions
{
    // What stands beside the services must not want a port of theirs.
    private const string FreePort = "http://127.0.0.1:0";

    /// <summary>Adds one tap over HTTP where the environment asks for it (<see cref="SoloTapOptions"/>), else the fleet and the meters.</summary>
    public static void AddSimulator(this IHostApplicationBuilder builder)
    {
        builder.Configuration["urls"] ??= FreePort;
        builder.Services.AddValidated<SimulatorOptions, SimulatorOptionsValidator>(SimulatorOptions.SectionName);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => ApiAddress.From(builder.Configuration, services.GetRequiredService<IOptions<SimulatorOptions>>()));
        builder.Services.AddHttpClient(ApiAddress.Client, (services, http) => http.BaseAddress = services.GetRequiredService<ApiAddress>().Uri);
        builder.Services.AddSingleton<TapRegistration>();
        builder.AddMeters();
        if (string.IsNullOrEmpty(builder.Configuration[SoloTapOptions.AddressKey]))
        {
            builder.AddTapFleet();
        }
        else
        {
            builder.AddSoloTap();
        }
    }

    /// <summary>Finds out what cannot work before the host starts, whose way of telling it is a stack trace.</summary>
    /// <exception cref="UsageException">An option is out of its range, or does not go with another.</exception>
    /// <exception cref="Journal.JournalException">A journal cannot be used.</exception>
    public static void CheckStart(this WebApplication app)
    {
        try
        {
            app.Services.GetRequiredService<IStartupValidator>().Validate();
        }
        catch (Exception ex) when (Reason(ex) is { } reason)
        {
            throw new UsageException(reason);
        }

        app.Services.GetService<TapFleet>();
    }

    /// <summary>Adds the fleet of taps, with a health check <c>taps</c> that is degraded while some tap is not connected.</summary>
    private static void AddTapFleet(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<FaultOptions, FaultOptionsValidator>(FaultOptions.SectionName);
        builder.Services.AddValidated<VerifyOptions, VerifyOptionsValidator>(VerifyOptions.SectionName);
        builder.Services.AddSingleton(BridgeAddress.From(builder.Configuration));
        builder.Services.AddSingleton<PublishMetrics>();
        builder.Services.AddSingleton<FrontDoor>();
        builder.Services.AddSingleton<PourLedger>();
        builder.Services.AddSingleton<TapFleet>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TapFleet>());
        builder.Services.AddHealthChecks().AddCheck<TapFleet>("taps");
        if (builder.IsOn($"{VerifyOptions.SectionName}:{nameof(VerifyOptions.Enabled)}"))
        {
            builder.Services.AddHostedService<VerifiedRun>();
        }
    }

    private static void AddSoloTap(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<SoloTapOptions, SoloTapOptionsValidator>(section: "");
        builder.Services.AddHostedService<SoloTap>();
    }

    private static void AddMeters(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<MeterOptions, MeterOptionsValidator>(MeterOptions.SectionName);
        builder.Services.AddSingleton<IValidateOptions<MeterOptions>, MeterPasswordValidator>();
        builder.Services.AddSingleton<MeterPark>();
        if (builder.IsOn($"{MeterOptions.SectionName}:{nameof(MeterOptions.Register)}"))
        {
            builder.Services.AddHostedService<MeterRegistration>();
        }
    }

    // Not as a flag: what is neither true nor false is told of later, with all other values.
    private static bool IsOn(this IHostApplicationBuilder builder, string key) =>
        string.Equals(builder.Configuration[key], "true", StringComparison.OrdinalIgnoreCase);

    private static string? Reason(Exception exception) =>
        exception switch
        {
            OptionsValidationException invalid => invalid.Failures.First(),
            AggregateException several => several.InnerExceptions.Select(Reason).FirstOrDefault(),
            // A value that is not of its option's type.
            InvalidOperationException unreadable => unreadable.Message,
            _ => null,
        };
}
