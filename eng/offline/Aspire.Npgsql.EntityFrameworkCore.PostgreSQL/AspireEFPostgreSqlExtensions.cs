using System.Diagnostics.CodeAnalysis;
using Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers Postgres database contexts the way the Aspire integration does, without its telemetry.</summary>
public static class AspireEFPostgreSqlExtensions
{
    private const string SectionName = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";

    private const DynamicallyAccessedMemberTypes NeededByEF =
        DynamicallyAccessedMemberTypes.PublicConstructors
        | DynamicallyAccessedMemberTypes.NonPublicConstructors
        | DynamicallyAccessedMemberTypes.PublicProperties;

    /// <summary>Registers <typeparamref name="TContext"/> pooled, with retries and a health check named after its type.</summary>
    /// <param name="builder">The host that gives configuration and takes the services.</param>
    /// <param name="connectionName">The name under <c>ConnectionStrings</c>.</param>
    /// <param name="configureSettings">Runs after the settings were read from configuration.</param>
    /// <param name="configureDbContextOptions">Runs after the provider was configured.</param>
    /// <remarks>A missing connection string is reported (<see cref="InvalidOperationException"/>) when a context is first asked for.</remarks>
    public static void AddNpgsqlDbContext<[DynamicallyAccessedMembers(NeededByEF)] TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null,
        Action<DbContextOptionsBuilder>? configureDbContextOptions = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = ReadSettings<TContext>(builder);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddDbContextPool<TContext>(options =>
        {
            if (string.IsNullOrEmpty(settings.ConnectionString))
            {
                throw new InvalidOperationException(
                    $"No connection string for {typeof(TContext).Name}: set 'ConnectionStrings:{connectionName}' or '{SectionName}:ConnectionString'.");
            }

            options.UseNpgsql(settings.ConnectionString, npgsql => ApplyResilience(npgsql, settings));
            configureDbContextOptions?.Invoke(options);
        });
        AddHealthCheck<TContext>(builder, settings);
    }

    /// <summary>Adds retries, the command timeout and the health check to a context that is registered already.</summary>
    /// <param name="builder">The host whose services hold the context.</param>
    /// <param name="configureSettings">Runs after the settings were read from configuration.</param>
    /// <exception cref="InvalidOperationException"><typeparamref name="TContext"/> is not registered.</exception>
    public static void EnrichNpgsqlDbContext<[DynamicallyAccessedMembers(NeededByEF)] TContext>(
        this IHostApplicationBuilder builder,
        Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.Services.Any(service => service.ServiceType == typeof(TContext)))
        {
            throw new InvalidOperationException($"{typeof(TContext).Name} is not registered; register it before enriching it.");
        }

        var settings = ReadSettings<TContext>(builder);
        configureSettings?.Invoke(settings);
        builder.Services.ConfigureDbContext<TContext>(options => options.UseNpgsql(npgsql => ApplyResilience(npgsql, settings)));
        AddHealthCheck<TContext>(builder, settings);
    }

    private static NpgsqlEntityFrameworkCorePostgreSQLSettings ReadSettings<TContext>(IHostApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(SectionName);
        var ofContext = section.GetSection(typeof(TContext).Name);
        var settings = new NpgsqlEntityFrameworkCorePostgreSQLSettings();
        (ofContext.Exists() ? ofContext : section).Bind(settings);
        return settings;
    }

    private static void ApplyResilience(NpgsqlDbContextOptionsBuilder npgsql, NpgsqlEntityFrameworkCorePostgreSQLSettings settings)
    {
        if (!settings.DisableRetry)
        {
            npgsql.EnableRetryOnFailure();
        }

        if (settings.CommandTimeout is { } seconds)
        {
            npgsql.CommandTimeout(seconds);
        }
    }

    private static void AddHealthCheck<TContext>(IHostApplicationBuilder builder, NpgsqlEntityFrameworkCorePostgreSQLSettings settings)
        where TContext : DbContext
    {
        // Adding the name twice would make the health-check service throw when it starts.
        var key = $"Aspire.HealthChecks.{typeof(TContext).Name}";
        if (settings.DisableHealthChecks || !builder.Properties.TryAdd(key, true))
        {
            return;
        }

        builder.Services.AddHealthChecks().AddCheck<DbContextHealthCheck<TContext>>(typeof(TContext).Name);
    }
}
