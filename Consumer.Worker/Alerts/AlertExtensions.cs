using ServiceDefaults;

namespace Consumer.Worker.Alerts;

/// <summary>Registers the alerts.</summary>
internal static class AlertExtensions
{
    /// <summary>Adds the rules, and who looks at them.</summary>
    public static void AddAlerts(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<AlertOptions, AlertOptionsValidator>(AlertOptions.SectionName);
        builder.Services.AddScoped<Readings>();
        builder.Services.AddSingleton<OfflineSince>();
        builder.Services.AddScoped<IAlertRule, LowKeg>();
        builder.Services.AddScoped<IAlertRule, EmptyKeg>();
        builder.Services.AddScoped<IAlertRule, OfflineTap>();
        builder.Services.AddScoped<IAlertRule, WarmTap>();
        builder.Services.AddScoped<IAlertRule, LeakingTap>();
        builder.Services.AddScoped<IAlertRule, RefusedTap>();
        builder.Services.AddScoped<IAlertRule, UnreachableMeter>();
        builder.Services.AddScoped<IAlertRule, SlowLine>();
        builder.Services.AddSingleton<AlertWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AlertWatch>());
    }
}
