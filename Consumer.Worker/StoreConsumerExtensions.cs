using Consumer.Worker.Writers;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>Registers what moves entries from the stream to Postgres.</summary>
internal static class StoreConsumerExtensions
{
    /// <summary>The consumer group whose entries end in Postgres.</summary>
    public const string StoreGroup = "store";

    /// <summary>Adds the schema, the consumer of group <c>store</c> and the upkeep of the stream.</summary>
    public static void AddStoreConsumer(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<StoreConsumerOptions, StoreConsumerOptionsValidator>(StoreConsumerOptions.SectionName);
        builder.Services.AddSingleton<StoreMetrics>();
        // Unique among live workers on any number of machines; what a dead one leaves is claimed by the others.
        builder.Services.AddSingleton(services =>
            ActivatorUtilities.CreateInstance<ConsumerGroup>(
                services,
                StoreGroup,
                $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}"
            )
        );

        builder.Services.AddScoped<IKindWriter, PourWriter>();
        builder.Services.AddScoped<IKindWriter, MessageWriter>();
        builder.Services.AddScoped<IKindWriter, EventWriter>();
        builder.Services.AddScoped<IKindWriter, ReadingWriter>();
        builder.Services.AddScoped<BatchWriter>();
        builder.Services.AddSingleton<SchemaUpgrade>();
        builder.Services.AddHealthChecks().AddCheck<SchemaUpgrade>("schema");
        builder.Services.AddHostedService<StoreConsumer>();
        builder.Services.AddSingleton<Announcements>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Announcements>());
        builder.Services.AddHostedService<StreamUpkeep>();
    }
}
