using Consumer.Worker.Alerts;
using Consumer.Worker.Archive;
using Consumer.Worker.Writers;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Taproom;

namespace Consumer.Worker;

/// <summary>Registers what moves entries from the stream to Postgres and to the archive.</summary>
internal static class StoreConsumerExtensions
{
    private static IEnumerable<(string Name, object? Value)> Settings(IServiceProvider services)
    {
        var archive = services.GetRequiredService<IOptions<ArchiveOptions>>().Value;
        return
        [
            .. StoreSettings.OfStream(services),
            .. StoreSettings.OfStore(services),
            ("batches up to", services.GetRequiredService<IOptions<StoreConsumerOptions>>().Value.BatchSize),
            ("archive", string.IsNullOrEmpty(archive.Path) ? null : archive.Path),
            ("archive bucket", string.IsNullOrEmpty(archive.S3.Bucket) ? null : archive.S3.Bucket),
        ];
    }

    /// <summary>Adds the schema, the consumers of the partitions and the upkeep of the stream.</summary>
    public static void AddStoreConsumer(this IHostApplicationBuilder builder)
    {
        builder.AddStartLine(Settings);
        builder.Services.AddValidated<StoreConsumerOptions, StoreConsumerOptionsValidator>(StoreConsumerOptions.SectionName);
        builder.Services.AddSingleton<StoreMetrics>();
        builder.Services.AddSingleton<ConsumerGroups>();
        builder.Services.AddScoped<IKindWriter, PourWriter>();
        builder.Services.AddScoped<IKindWriter, MessageWriter>();
        builder.Services.AddScoped<IKindWriter, EventWriter>();
        builder.Services.AddScoped<IKindWriter, ReadingWriter>();
        builder.Services.AddKeyedScoped<IBatchWriter, BatchWriter>(ConsumerGroups.Store);
        builder.Services.AddSingleton<SchemaUpgrade>();
        builder.Services.AddSingleton<StoreConsumer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StoreConsumer>());
        builder.Services.AddHealthChecks().AddCheck<StoreConsumer>("partitions").AddCheck<LineHealth>("line");
        builder.AddArchive();
        builder.AddAlerts();
        builder.Services.AddSingleton<Announcements>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Announcements>());
        builder.Services.AddSingleton<ProposalWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ProposalWatch>());
        builder.Services.AddHostedService<StreamUpkeep>();
    }
}
