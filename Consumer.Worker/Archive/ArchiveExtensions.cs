using ServiceDefaults;

namespace Consumer.Worker.Archive;

/// <summary>Registers the archive.</summary>
internal static class ArchiveExtensions
{
    /// <summary>Adds what writes entries to hourly files, closes the hours and uploads them; call it after the store's consumer is added.</summary>
    public static void AddArchive(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<ArchiveOptions, ArchiveOptionsValidator>(ArchiveOptions.SectionName);
        builder.Services.AddSingleton<ArchiveMetrics>();
        builder.Services.AddSingleton<ArchiveHealth>();
        builder.Services.AddHealthChecks().AddCheck<ArchiveHealth>("archive");
        builder.Services.AddSingleton<ArchiveFolder>();
        builder.Services.AddKeyedSingleton<IBatchWriter, ArchiveWriter>(ConsumerGroups.Archive);
        builder.Services.AddHostedService<ArchiveConsumer>();
        builder.Services.AddSingleton<ArchiveUpload>();
        builder.Services.AddSingleton<HourCloser>();
        builder.Services.AddHostedService(services => services.GetRequiredService<HourCloser>());
    }
}
