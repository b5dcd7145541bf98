using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using MQTTnet;
using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;

namespace Mqtt.Bridge.Upstream;

/// <summary>
/// Tells whether a retained report is new, or was taken before and only repeated because a bridge joined. A broker repeats one message of
/// each topic, and before any other of that topic. Redis remembers which one was taken last, for all bridges and across restarts.
/// </summary>
internal sealed partial class RetainedReports(
    MqttAddress broker,
    IConnectionMultiplexer redis,
    IOptions<IngestOptions> options,
    ILogger<RetainedReports> logger
)
{
    private readonly RedisKey _key = $"{options.Value.UpstreamKey}:{broker}:retained";
    private readonly HashSet<string> _topics = [];

    /// <summary>There is a new connection, over which the broker may repeat what it has retained.</summary>
    public void Forget()
    {
        lock (_topics)
        {
            _topics.Clear();
        }
    }

    /// <summary>Whether a retained message may be a repetition: it is the first of its topic on this connection.</summary>
    public bool MayBeRepeated(MqttApplicationMessage message)
    {
        lock (_topics)
        {
            return _topics.Add(message.Topic);
        }
    }

    /// <summary>Whether it is the one that was taken last.</summary>
    public async Task<bool> WasTakenAsync(MqttApplicationMessage message)
    {
        try
        {
            return await redis.GetDatabase().HashGetAsync(_key, message.Topic) == Hash(message);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // If it is taken again it has the same id, and is stored once.
            LogNotRemembered(message.Topic, ex.Message);
            return false;
        }
    }

    /// <summary>Remembers that it was taken.</summary>
    public async Task TakenAsync(MqttApplicationMessage message)
    {
        try
        {
            await redis.GetDatabase().HashSetAsync(_key, message.Topic, Hash(message));
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            LogNotRemembered(message.Topic, ex.Message);
        }
    }

    /// <summary>The id of a report that may be repeated and has none of its own: the same each time.</summary>
    public static Guid IdOf(MqttApplicationMessage message)
    {
        var bytes = Hash(message).AsSpan(0, 16).ToArray();
        // A UUID of version 8: its bits may be made in any way (RFC 9562, section 5.8).
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private static byte[] Hash(MqttApplicationMessage message) =>
        SHA256.HashData([.. Encoding.UTF8.GetBytes(message.Topic), 0, .. message.Payload.ToArray()]);

    [LoggerMessage(LogLevel.Warning, "Which retained message of {Topic} was taken last is not known: {Message}")]
    private partial void LogNotRemembered(string topic, string message);
}
