using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>The group <c>store</c>, whose entries end in Postgres, of each partition.</summary>
internal sealed class ConsumerGroups(IServiceProvider services, IConnectionMultiplexer redis, IOptions<IngestOptions> options)
{
    /// <summary>The group's name.</summary>
    public const string Store = IngestOptions.StoreGroup;

    /// <summary>The group of a partition.</summary>
    public ConsumerGroup Of(int partition) => Of(partition, options.Value.StreamKeys()[partition]);

    /// <summary>The groups of those former streams that are there and that a partition has to take over.</summary>
    public async Task<IReadOnlyList<ConsumerGroup>> FormerOfAsync(int partition)
    {
        var (database, former) = (redis.GetDatabase(), options.Value.FormerStreamKeys(partition));
        if (await database.KeyExistsAsync([.. former]) == 0)
        {
            return [];
        }

        var exist = await Task.WhenAll(former.Select(stream => database.KeyExistsAsync(stream)));
        return [.. former.Where((_, n) => exist[n]).Select(stream => Of(partition, stream))];
    }

    private ConsumerGroup Of(int partition, RedisKey stream) => ActivatorUtilities.CreateInstance<ConsumerGroup>(services, Store, partition, stream);
}
