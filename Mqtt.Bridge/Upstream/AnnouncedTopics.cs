using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;

namespace Mqtt.Bridge.Upstream;

/// <summary>
/// Of which topics something was retained at a broker for Home Assistant, in Redis: so that the bridge that leads next, or one where this is
/// switched off, can remove it.
/// </summary>
internal sealed class AnnouncedTopics(MqttAddress broker, IConnectionMultiplexer redis, IOptions<IngestOptions> options)
{
    private readonly RedisKey _key = $"{options.Value.UpstreamKey}:{broker}:announced";
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>All of them.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task<IReadOnlyCollection<string>> ReadAsync()
    {
        var topics = await redis.GetDatabase().SetMembersAsync(_key).WaitAsync(Deadlines.Answer);
        _known.Clear();
        _known.UnionWith(topics.Select(topic => (string)topic!));
        return [.. _known];
    }

    /// <summary>Something is about to be retained of a topic.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task AddAsync(string topic)
    {
        if (!_known.Contains(topic))
        {
            await redis.GetDatabase().SetAddAsync(_key, topic).WaitAsync(Deadlines.Answer);
            _known.Add(topic);
        }
    }

    /// <summary>Nothing is retained of a topic any more.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task RemoveAsync(string topic)
    {
        await redis.GetDatabase().SetRemoveAsync(_key, topic).WaitAsync(Deadlines.Answer);
        _known.Remove(topic);
    }
}
