using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Signals;
using Taproom.Store;
using Taproom.Taps;

namespace Taproom;

/// <summary>Registers the stream and the store, by the resource names that the AppHost gives them.</summary>
public static class TaproomExtensions
{
    /// <summary>
    /// Adds the ingest stream over connection string <c>redis</c>, with a health check. <c>Redis:Ca</c> is a PEM file of the authorities that
    /// may have signed the certificate of a Redis over TLS; without it those that this machine trusts.
    /// </summary>
    public static void AddIngestStream(this IHostApplicationBuilder builder)
    {
        var address = RedisAddress.Parse(builder.Configuration.GetConnectionString("redis"));
        builder.AddRedisClient(
            "redis",
            settings =>
            {
                // The client's own spans would include every empty read; IngestTelemetry makes the ones that matter.
                settings.DisableTracing = true;
                settings.ConnectionString = address?.ToString(includePassword: false) ?? settings.ConnectionString;
            },
            options =>
            {
                // Apart, because the client's own form has no way to write a password with a comma.
                options.User = address?.User ?? options.User;
                options.Password = address?.Password ?? options.Password;
                if (options.Ssl && builder.Configuration[RedisAddress.CaSetting] is { Length: > 0 } authorities)
                {
                    options.TrustOnly(authorities);
                }

                options.AbortOnConnectFail = false;
                // INFO tells how full Redis is, and the client counts it as an admin command.
                options.AllowAdmin = true;
                // Callers try again by themselves, so a command without a connection fails at once.
                options.BacklogPolicy = BacklogPolicy.FailFast;
                // A connection whose other end has gone without a word is given up after four times this without an answer.
                options.AsyncTimeout = options.SyncTimeout = 2_500;
                options.KeepAlive = 3;
            }
        );
        builder.Services.AddOptions<IngestOptions>().BindConfiguration(IngestOptions.SectionName).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<IngestOptions>, IngestOptionsValidator>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IngestTelemetry>();
        builder.Services.AddSingleton<RedisMemory>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RedisMemory>());
        builder.Services.AddHealthChecks().AddCheck<RedisMemory>("redis memory");
        builder.Services.AddSingleton<StreamRoom>();
        builder.Services.AddSingleton<IngestStream>();
        builder.Services.AddSingleton<StreamTail>();
        builder.Services.AddSingleton<StreamTrimmer>();
        builder.Services.AddSingleton<PartitionLeases>();
        builder.Services.AddSingleton<IngestLine>();
        builder.Services.AddSingleton<Subscriptions>();
        builder.Services.AddSingleton<Receipts>();
        builder.Services.AddSingleton<Deletions>();
        builder.Services.AddSingleton<DeadLetters>();
        builder.Services.AddSingleton<DeadLetterRequeue>();
        builder.Services.AddSingleton<TapTokens>();
        builder.Services.AddSingleton<TapPresence>();
        builder.Services.AddSingleton<TapCommands>();
        builder.Services.AddSingleton<TapChanges>();
        builder.Services.AddSingleton<ShareReports>();
    }

    /// <summary>Makes the service unhealthy while Postgres takes no writes; for those that write.</summary>
    public static void AddWriteCheck(this IHostApplicationBuilder builder) =>
        builder.Services.AddHealthChecks().AddCheck<WritableDatabase>("taproomdb writes");

    /// <summary>Adds the database over connection string <c>taproomdb</c>, with a health check.</summary>
    /// <param name="builder">The service's host builder.</param>
    /// <param name="configureConnection">Changes what the connection string says, for example how long to wait.</param>
    /// <param name="isNeeded">Whether the service can do nothing without Postgres; then it is unhealthy while Postgres is away or its schema is not upgraded yet.</param>
    public static void AddPourStore(
        this IHostApplicationBuilder builder,
        Action<NpgsqlConnectionStringBuilder>? configureConnection = null,
        bool isNeeded = true
    )
    {
        builder.AddNpgsqlDbContext<TaproomDb>(
            "taproomdb",
            settings =>
            {
                // Callers try again by themselves, or answer that the store is away.
                settings.DisableRetry = true;
                settings.DisableHealthChecks = !isNeeded;
                // Planning what the worker writes takes Postgres as long as writing a small batch; this way it is planned once a connection.
                var connection = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { MaxAutoPrepare = 50 };
                configureConnection?.Invoke(connection);
                settings.ConnectionString = connection.ConnectionString;
            },
            options => options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking).AddInterceptors(new UnusableConnections())
        );
        if (isNeeded)
        {
            builder.Services.AddSingleton<CurrentSchema>();
            builder.Services.AddHealthChecks().AddCheck<CurrentSchema>("taproomdb schema");
        }

        builder.Services.AddOptions<KegOptions>().BindConfiguration(KegOptions.SectionName).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<KegOptions>, KegOptionsValidator>();
        builder.Services.AddScoped<EntryStore>();
        builder.Services.AddScoped<PourStore>();
        builder.Services.AddScoped<Tappings>();
        builder.Services.AddScoped<Calibrations>();
        builder.Services.AddScoped<Recalibration>();
        builder.Services.AddScoped<Reassignment>();
        builder.Services.AddScoped<Unaccounted>();
        builder.Services.AddScoped<BeverageNames>();
        builder.Services.AddScoped<KegStock>();
        builder.Services.AddScoped<KegYields>();
        builder.Services.AddScoped<KegForecasts>();
        builder.Services.AddScoped<Cleanings>();
        builder.Services.AddScoped<Proposals>();
    }
}
