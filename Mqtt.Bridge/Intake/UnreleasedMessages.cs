using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;

namespace Mqtt.Bridge.Intake;

/// <summary>
/// Remembers which id a report of QoS 2 was given that has none of its own, from its PUBLISH until its PUBREL. Sent again over the
/// next connection of its client, to whatever bridge, it has the same id, and is stored once (MQTT 5, section 4.3.3).
/// </summary>
internal sealed partial class UnreleasedMessages(
    IConnectionMultiplexer redis,
    IOptions<IngestOptions> options,
    TimeProvider time,
    ILogger<UnreleasedMessages> logger
)
{
    /// <summary>Most messages of one tap that are remembered; with more of them all are forgotten.</summary>
    private const int MaxOfTap = 1_000;

    private static readonly TimeSpan RememberedFor = TimeSpan.FromDays(1);

    // Another message may have the same packet identifier, so a repeated one must have the same content too.
    private const string IdScript = """
        local known = redis.call('HGET', KEYS[1], ARGV[1])
        if known and ARGV[2] == '1' and string.sub(known, 1, #ARGV[3]) == ARGV[3] then
            return string.sub(known, #ARGV[3] + 1)
        end
        if not known and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[5]) then redis.call('DEL', KEYS[1]) end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. ARGV[4])
        redis.call('EXPIRE', KEYS[1], ARGV[6])
        return ARGV[4]
        """;

    /// <summary>The id of a message.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<Guid> IdOfAsync(Submission submission, CancellationToken cancellationToken)
    {
        if (submission is not { HasOwnId: false, Exchange: { } exchange })
        {
            return submission.Id;
        }

        RedisValue[] arguments =
        [
            Field(submission.ClientId, exchange.PacketId),
            exchange.IsRepeated ? 1 : 0,
            SHA256.HashData([.. Encoding.UTF8.GetBytes(submission.Topic), 0, .. submission.Body]),
            submission.Id.ToString(),
            MaxOfTap,
            (int)RememberedFor.TotalSeconds,
        ];
        var id = await redis
            .GetDatabase()
            .ScriptEvaluateAsync(IdScript, [Key(submission.Tap)], arguments)
            .WaitAsync(Deadlines.Answer, time, cancellationToken);
        return Guid.Parse((string)id!);
    }

    /// <summary>A message is released: it will not be sent again.</summary>
    public async Task ForgetAsync(string tap, string clientId, ushort packetId, CancellationToken cancellationToken)
    {
        try
        {
            await redis.GetDatabase().HashDeleteAsync(Key(tap), Field(clientId, packetId)).WaitAsync(Deadlines.Answer, time, cancellationToken);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // The next message with this packet identifier takes its place.
            LogNotForgotten(ex.Message);
        }
    }

    private RedisKey Key(string tap) => $"{options.Value.Prefix}:unreleased:{tap}";

    private static RedisValue Field(string clientId, ushort packetId) => $"{packetId}:{clientId}";

    [LoggerMessage(LogLevel.Debug, "That a message was released is not noted: {Message}")]
    private partial void LogNotForgotten(string message);
}
