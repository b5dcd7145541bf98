using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>How a dead letter is written: the fields that it has beside those of the entry, and the scripts.</summary>
internal static class DeadLetter
{
    /// <summary>Names of those fields. One that is <c>final</c> can never be what it was meant to be, and does not go back into the stream.</summary>
    public static readonly string[] OwnFields = ["reason", "source", "deliveries", "failedAt", "final"];

    // The oldest go when there are too many or they take too many bytes (Redis estimates these).
    private const string Bound = """
        local function bound(dead, most, bytes)
            local gone = redis.call('XTRIM', dead, 'MAXLEN', most)
            while redis.call('MEMORY', 'USAGE', dead) > bytes and redis.call('XLEN', dead) > 1 do
                gone = gone + redis.call('XTRIM', dead, 'MAXLEN', math.floor(redis.call('XLEN', dead) * 0.9))
            end
            if gone > 0 then redis.call('INCRBY', dead .. ':gone', gone) end
        end

        """;

    /// <summary>Writes one. Keys: dead letters; arguments: most of them, most bytes, fields.</summary>
    public const string WriteScript =
        Bound
        + """
            redis.call('XADD', KEYS[1], '*', unpack(ARGV, 3))
            bound(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]))
            return 1
            """;

    /// <summary>
    /// Moves a pending entry, in one step: a crash neither loses it nor moves it twice, and of two consumers that hold it one moves it.
    /// Keys: dead letters, stream, account; arguments: most of them, most bytes, group, position, further fields.
    /// </summary>
    public const string MoveScript =
        Bound
        + """
            local pending = redis.call('XPENDING', KEYS[2], ARGV[3], ARGV[4], ARGV[4], 1)[1]
            if not pending then return 0 end
            local entry = redis.call('XRANGE', KEYS[2], ARGV[4], ARGV[4])[1]
            if entry then
                local fields = entry[2]
                for i = 5, #ARGV do fields[#fields + 1] = ARGV[i] end
                fields[#fields + 1] = 'deliveries'
                fields[#fields + 1] = pending[4]
                redis.call('XADD', KEYS[1], '*', unpack(fields))
                bound(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]))
            end
            redis.call('XACK', KEYS[2], ARGV[3], ARGV[4])
            redis.call('HINCRBY', KEYS[3], 'dead', 1)
            return entry and 1 or 0
            """;

    /// <summary>The fields that tell why, who and when.</summary>
    public static NameValueEntry[] Fields(string reason, string source, DateTimeOffset failedAt) =>
        [new("reason", reason), new("source", source), new("failedAt", failedAt.ToUnixTimeMilliseconds())];

    /// <summary>Names and values in turn, as a script takes them.</summary>
    public static IEnumerable<RedisValue> Flat(IEnumerable<NameValueEntry> fields) => fields.SelectMany(field => new[] { field.Name, field.Value });
}
