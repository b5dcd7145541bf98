using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>How a dead letter is written: the fields that it has beside those of the entry, and the script.</summary>
internal static class DeadLetter
{
    /// <summary>Most fields of an entry that are kept as they are; of more, only those of <see cref="IngestEntry.FieldNames"/>.</summary>
    public const int MaxFields = 100;

    /// <summary>Names of those fields. One that is <c>final</c> can never be what it was meant to be, and does not go back into the stream.</summary>
    public static readonly string[] OwnFields = ["reason", "source", "deliveries", "failedAt", "final"];

    /// <summary>Writes one. Keys: dead letters; arguments: most of them, most bytes, fields.</summary>
    public const string WriteScript =
        LuaFunctions.Bound
        + """
            redis.call('XADD', KEYS[1], '*', unpack(ARGV, 3))
            bound(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]))
            return 1
            """;

    /// <summary>The fields that tell why, who, when, and how often it had been delivered.</summary>
    public static NameValueEntry[] Fields(string reason, string source, DateTimeOffset failedAt, int deliveries) =>
        [new("reason", reason), new("source", source), new("failedAt", failedAt.ToUnixTimeMilliseconds()), new("deliveries", deliveries)];

    /// <summary>Names and values in turn, as a script takes them.</summary>
    public static IEnumerable<RedisValue> Flat(IEnumerable<NameValueEntry> fields) => fields.SelectMany(field => new[] { field.Name, field.Value });
}
