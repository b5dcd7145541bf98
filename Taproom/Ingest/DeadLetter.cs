using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>The fields that a dead letter has beside those of the entry: <c>reason source deliveries failedAt</c>.</summary>
internal static class DeadLetter
{
    public static NameValueEntry[] Fields(string reason, string source, int deliveries, DateTimeOffset failedAt) =>
        [new("reason", reason), new("source", source), new("deliveries", deliveries), new("failedAt", failedAt.ToUnixTimeMilliseconds())];
}
