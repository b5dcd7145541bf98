using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Tells that entries of one device are committed in Postgres, whether just now or before.</summary>
/// <param name="Tap">The device that sent them; empty where none did.</param>
/// <param name="Ids">Their ids.</param>
public sealed record Receipt(string Tap, IReadOnlyList<Guid> Ids);

/// <summary>Commit receipts over Redis pub/sub.</summary>
/// <remarks>At most once: who misses one learns it from the store, or sends again and gets another.</remarks>
public sealed class Receipts(IConnectionMultiplexer redis, IOptions<IngestOptions> options)
{
    private readonly RedisChannel _channel = RedisChannel.Literal(options.Value.ReceiptChannel);

    /// <summary>Publishes a receipt to whoever listens now.</summary>
    public Task PublishAsync(Receipt receipt) =>
        redis.GetSubscriber().PublishAsync(_channel, JsonSerializer.SerializeToUtf8Bytes(receipt, ReceiptJson.Default.Receipt));

    /// <summary>Calls <paramref name="received"/> for each receipt from now on; calls can overlap and change places.</summary>
    public Task SubscribeAsync(Action<Receipt> received) =>
        redis.ListenAsync(_channel, message =>
        {
            if (JsonSerializer.Deserialize((byte[])message!, ReceiptJson.Default.Receipt) is { } receipt)
            {
                received(receipt);
            }
        });
}

/// <summary>Serialises receipts without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Receipt))]
internal sealed partial class ReceiptJson : JsonSerializerContext;
