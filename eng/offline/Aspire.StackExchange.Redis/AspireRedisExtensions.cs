using System.Globalization;
using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers Redis connections the way the Aspire integration does, without its telemetry.</summary>
public static class AspireRedisExtensions
{
    private const string SectionName = "Aspire:StackExchange:Redis";

    /// <summary>Registers a shared <see cref="IConnectionMultiplexer"/> with a health check named <c>StackExchange.Redis</c>.</summary>
    /// <param name="builder">The host that gives configuration and takes the services.</param>
    /// <param name="connectionName">The name under <c>ConnectionStrings</c>.</param>
    /// <param name="configureSettings">Runs after the settings were read from configuration.</param>
    /// <param name="configureOptions">Runs after the connection string was parsed.</param>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
        => Add(builder, connectionName, serviceKey: null, configureSettings, configureOptions);

    /// <summary>Registers a keyed <see cref="IConnectionMultiplexer"/> with a health check named <c>StackExchange.Redis_{name}</c>.</summary>
    /// <param name="builder">The host that gives configuration and takes the services.</param>
    /// <param name="name">The key, and the name under <c>ConnectionStrings</c>.</param>
    /// <param name="configureSettings">Runs after the settings were read from configuration.</param>
    /// <param name="configureOptions">Runs after the connection string was parsed.</param>
    public static void AddKeyedRedisClient(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
        => Add(builder, name, name, configureSettings, configureOptions);

    private static void Add(
        IHostApplicationBuilder builder,
        string connectionName,
        string? serviceKey,
        Action<StackExchangeRedisSettings>? configureSettings,
        Action<ConfigurationOptions>? configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var section = builder.Configuration.GetSection(SectionName);
        var settings = new StackExchangeRedisSettings();
        section.Bind(settings);
        var named = section.GetSection(connectionName);
        named.Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        IConnectionMultiplexer Connect(IServiceProvider services)
        {
            var options = ReadOptions(settings, connectionName);
            section.GetSection("ConfigurationOptions").Bind(options);
            named.GetSection("ConfigurationOptions").Bind(options);
            configureOptions?.Invoke(options);
            using var log = new LogWriter(services.GetRequiredService<ILoggerFactory>().CreateLogger("Aspire.StackExchange.Redis"));
            var multiplexer = ConnectionMultiplexer.Connect(options, log);

            // As in version 2: one slow continuation must not hold up the others.
            multiplexer.PreserveAsyncOrder = false;
            return multiplexer;
        }

        Func<IServiceProvider, IConnectionMultiplexer> resolve;
        if (serviceKey is null)
        {
            builder.Services.AddSingleton(Connect);
            resolve = services => services.GetRequiredService<IConnectionMultiplexer>();
        }
        else
        {
            builder.Services.AddKeyedSingleton(serviceKey, (services, _) => Connect(services));
            resolve = services => services.GetRequiredKeyedService<IConnectionMultiplexer>(serviceKey);
        }

        if (!settings.DisableAutoActivation)
        {
            builder.Services.AddSingleton<IHostedService>(services => new RedisActivation(() => resolve(services)));
        }

        var checkName = serviceKey is null ? "StackExchange.Redis" : $"StackExchange.Redis_{connectionName}";
        if (!settings.DisableHealthChecks && builder.Properties.TryAdd($"Aspire.HealthChecks.{checkName}", true))
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                checkName, services => new RedisHealthCheck(() => resolve(services)), failureStatus: null, tags: null));
        }
    }

    private static ConfigurationOptions ReadOptions(StackExchangeRedisSettings settings, string connectionName)
    {
        if (string.IsNullOrEmpty(settings.ConnectionString))
        {
            throw new InvalidOperationException(
                $"No Redis endpoint: set 'ConnectionStrings:{connectionName}' or '{SectionName}:ConnectionString'.");
        }

        var options = ConfigurationOptions.Parse(settings.ConnectionString);
        if (!settings.ConnectionString.Contains("abortConnect=", StringComparison.OrdinalIgnoreCase))
        {
            options.AbortOnConnectFail = false;
        }

        return options;
    }

    private sealed class LogWriter(ILogger logger) : StringWriter(CultureInfo.InvariantCulture)
    {
        public override void WriteLine(string? value)
        {
            if (logger.IsEnabled(LogLevel.Trace))
            {
                logger.Log(LogLevel.Trace, default, value, exception: null, static (line, _) => line ?? string.Empty);
            }
        }
    }
}
