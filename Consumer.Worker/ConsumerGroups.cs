using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>The groups of each partition: <c>store</c>, whose entries end in Postgres, and <c>archive</c> while an archive is kept.</summary>
internal sealed class ConsumerGroups(
    IServiceProvider services,
    IConnectionMultiplexer redis,
    IOptions<IngestOptions> options,
    IOptions<ArchiveOptions> archive
)
{
    /// <summary>Name of the group whose entries end in Postgres.</summary>
    public const string Store = IngestOptions.StoreGroup;

    /// <summary>Name of the group whose entries end in the archive.</summary>
    public const string Archive = IngestOptions.ArchiveGroup;

    /// <summary>The names of the groups.</summary>
    public IReadOnlyList<string> Names { get; } = archive.Value.Path is null ? [Store] : [Store, Archive];

    /// <summary>A group of a partition.</summary>
    public ConsumerGroup Of(int partition, string name = Store) => Of(partition, name, options.Value.StreamKeys()[partition]);

    /// <summary>A group of each of those former streams that are there and that a partition has to take over.</summary>
    public async Task<IReadOnlyList<ConsumerGroup>> FormerOfAsync(int partition, string name)
    {
        var (database, former) = (redis.GetDatabase(), options.Value.FormerStreamKeys(partition));
        if (await database.KeyExistsAsync([.. former]).WaitAsync(Deadlines.Worker) == 0)
        {
            return [];
        }

        var exist = await Task.WhenAll(former.Select(stream => database.KeyExistsAsync(stream))).WaitAsync(Deadlines.Worker);
        var streams = former.Where((_, n) => exist[n]).ToList();
        // A stream goes when each of its groups has read it: neither before the archive has begun, nor never for one that is off.
        foreach (var group in streams.Select(stream => Of(partition, Archive, stream)))
        {
            await (Names.Contains(Archive) ? group.CreateAsync() : group.DestroyAsync());
        }

        return [.. streams.Select(stream => Of(partition, name, stream))];
    }

    private ConsumerGroup Of(int partition, string name, RedisKey stream) =>
        ActivatorUtilities.CreateInstance<ConsumerGroup>(services, name, partition, stream);
}
