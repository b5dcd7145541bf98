using System.Net;

namespace StackExchange.Redis;

/// <summary>Members of version 2 that the solution calls and version 1 lacks.</summary>
public static class NewerMembers
{
    extension(RedisChannel)
    {
        /// <summary>A channel of exactly this name.</summary>
        public static RedisChannel Literal(string value) => new(value, RedisChannel.PatternMode.Literal);

        /// <summary>A channel of exactly this name.</summary>
        public static RedisChannel Literal(byte[] value) => new(value, RedisChannel.PatternMode.Literal);

        /// <summary>All channels that match a glob.</summary>
        public static RedisChannel Pattern(string value) => new(value, RedisChannel.PatternMode.Pattern);

        /// <summary>All channels that match a glob.</summary>
        public static RedisChannel Pattern(byte[] value) => new(value, RedisChannel.PatternMode.Pattern);
    }

    extension(ConfigurationOptions options)
    {
        /// <summary>What becomes of commands for which there is no connection; <see cref="BacklogPolicy.FailFast"/> only.</summary>
        public BacklogPolicy BacklogPolicy
        {
            get => BacklogPolicy.FailFast;
            set
            {
                if (value != BacklogPolicy.FailFast)
                {
                    throw new NotSupportedException("The stand-in Aspire.StackExchange.Redis has no ConfigurationOptions.BacklogPolicy but FailFast.");
                }
            }
        }
    }

    extension(IConnectionMultiplexer multiplexer)
    {
        /// <summary>Every server that is configured or was discovered.</summary>
        public IServer[] GetServers()
            => Array.ConvertAll(multiplexer.GetEndPoints(configuredOnly: false), (EndPoint endpoint) => multiplexer.GetServer(endpoint));
    }

    extension(RedisValue value)
    {
        /// <summary>The value's length in bytes; 0 for null.</summary>
        public long Length() => value.IsNull ? 0 : ((byte[])value!).LongLength;

        /// <summary>True when the value's bytes begin with the other's.</summary>
        public bool StartsWith(RedisValue prefix)
            => !value.IsNull && !prefix.IsNull && ((byte[])value!).AsSpan().StartsWith((byte[])prefix!);
    }

    extension(RedisResult result)
    {
        /// <summary>How many elements an array reply has; -1 for any other reply and for null.</summary>
        public int Length
        {
            get
            {
                if (result.IsNull)
                {
                    return -1;
                }

                try
                {
                    return ((RedisResult[])result).Length;
                }
                catch (InvalidCastException)
                {
                    return -1;
                }
            }
        }
    }

    /// <summary>Subscribes and hands the messages out through a queue.</summary>
    /// <param name="subscriber">The connection's subscriber.</param>
    /// <param name="channel">The channel or pattern.</param>
    /// <param name="flags">How to send the command.</param>
    public static async Task<ChannelMessageQueue> SubscribeAsync(
        this ISubscriber subscriber, RedisChannel channel, CommandFlags flags = CommandFlags.None)
    {
        var queue = new ChannelMessageQueue(subscriber, channel);
        await subscriber.SubscribeAsync(channel, queue.Write, flags).ConfigureAwait(false);
        return queue;
    }
}
