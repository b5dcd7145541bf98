using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Tap.Simulator.Evening;
using Tap.Simulator.Meters;
using Tap.Simulator.Taps;
using Tap.Simulator.Transports;
using Tap.Simulator.Verify;

namespace Tap.Simulator;

/// <summary>Registers the simulated taps and meters.</summary>
internal static class SimulatorExtensions
{
    // What stands beside the services must not want a port of theirs.
    private const string FreePort = "http://127.0.0.1:0";

    /// <summary>Adds one tap over HTTP where the environment asks for it (<see cref="WebSocketTapOptions"/>), else the fleet and the meters.</summary>
    public static void AddSimulator(this IHostApplicationBuilder builder)
    {
        builder.Configuration["urls"] ??= FreePort;
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder
            .Services.AddValidated<SimulatorOptions, SimulatorOptionsValidator>(SimulatorOptions.SectionName)
            .Validate<IOptions<TransportOptions>>(
                (options, transport) => options.Taps == 0 || transport.Value is not { Protocol: TransportOptions.Http, AdminKey: null or "" },
                "Taps over HTTP need the admin key, by which they get their tokens."
            )
            .Validate<IOptions<TransportOptions>>(
                (options, transport) => options.ReadingsEvery is null || transport.Value.Protocol != TransportOptions.Http,
                "Taps send readings over MQTT only."
            );
        builder.AddStartLine(Settings);
        builder.AddTransport();
        builder.AddMeters();
        if (builder.IsOn($"{EveningOptions.SectionName}:{nameof(EveningOptions.Enabled)}"))
        {
            builder.AddEvening();
        }
        else if (string.IsNullOrEmpty(builder.Configuration[TransportExtensions.InetAddressKey]))
        {
            builder.AddTapFleet();
        }
        else
        {
            builder.Services.AddValidated<WebSocketTapOptions, WebSocketTapOptionsValidator>(section: "");
            builder.Services.AddHostedService<WebSocketTap>();
        }
    }

    private static IEnumerable<(string Name, object? Value)> Settings(IServiceProvider services)
    {
        var simulator = services.GetRequiredService<IOptions<SimulatorOptions>>().Value;
        var transport = services.GetRequiredService<IOptions<TransportOptions>>().Value;
        return
        [
            ("taps", simulator.Taps),
            ("first tap", simulator.FirstTap),
            ("pours a second", simulator.Rate),
            ("protocol", transport.Protocol),
            ("mqtt", transport.Mqtt is { Length: > 0 } mqtt ? StartLineExtensions.AddressOf(mqtt) : null),
            ("api", transport.Api is { } api ? StartLineExtensions.AddressOf(api.ToString()) : null),
            ("meters", services.GetRequiredService<IOptions<MeterOptions>>().Value.Count),
            ("journals", string.IsNullOrEmpty(simulator.JournalPath) ? null : simulator.JournalPath),
        ];
    }

    /// <summary>Maps what this process answers over HTTP: meters that are polled, and commands for the fleet.</summary>
    public static void MapSimulator(this WebApplication app)
    {
        app.MapMeters();
        if (app.Services.GetService<TapFleet>() is not null)
        {
            app.MapCommands();
        }
    }

    /// <summary>Finds out what cannot work before the host starts, which would report it as a stack trace.</summary>
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
        var isVerified = builder.IsOn($"{VerifyOptions.SectionName}:{nameof(VerifyOptions.Enabled)}");
        builder.Services.AddValidated<FaultOptions, FaultOptionsValidator>(FaultOptions.SectionName);
        builder.Services.AddValidated<VerifyOptions, VerifyOptionsValidator>(VerifyOptions.SectionName);
        builder.Services.AddSingleton(new PourLedger(isVerified));
        builder.Services.AddSingleton<TapFleet>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TapFleet>());
        builder.Services.AddHealthChecks().AddCheck<TapFleet>("taps");
        if (isVerified)
        {
            builder.Services.AddHostedService<VerifiedRun>();
        }
    }

    /// <summary>Adds an evening in fast time, in place of the fleet.</summary>
    private static void AddEvening(this IHostApplicationBuilder builder)
    {
        builder
            .Services.AddValidated<EveningOptions, EveningOptionsValidator>(EveningOptions.SectionName)
            .Validate<IOptions<TransportOptions>>(
                (_, transport) => transport.Value is { Protocol: not TransportOptions.Http, AdminKey.Length: > 0 },
                "An evening is played over MQTT, and needs the admin key: for kegs, calibrations and sales."
            );
        builder.Services.AddValidated<VerifyOptions, VerifyOptionsValidator>(VerifyOptions.SectionName);
        builder.Services.AddHostedService<EveningRun>();
    }

    private static void AddMeters(this IHostApplicationBuilder builder)
    {
        builder
            .Services.AddValidated<MeterOptions, MeterOptionsValidator>(MeterOptions.SectionName)
            .Validate<IOptions<TransportOptions>>(
                (options, transport) => !options.Register || !string.IsNullOrEmpty(transport.Value.AdminKey),
                "Meters are registered with the admin key only."
            )
            .Validate(
                options => options.Count == 0 || options.Register || !string.IsNullOrEmpty(options.Password),
                "Meters that are not registered need a password that somebody knows."
            );
        builder.Services.AddSingleton<MeterFleet>();
        if (builder.IsOn($"{MeterOptions.SectionName}:{nameof(MeterOptions.Register)}"))
        {
            builder.Services.AddHostedService<MeterRegistration>();
        }
    }

    // Not bound as a bool: a value that is neither true nor false is reported later, together with all others.
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
