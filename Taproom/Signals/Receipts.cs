using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;

namespace Taproom.Signals;

/// <summary>Tells that entries of one device are committed in Postgres, whether just now or before.</summary>
/// <param name="Tap">The device that sent them; empty where none did.</param>
/// <param name="Ids">Their ids.</param>
public sealed record Receipt(string Tap, IReadOnlyList<Guid> Ids)
{
    /// <summary>The ids as their sender wrote them, by which it knows them; null where that is how <see cref="Ids"/> are written.</summary>
    public IReadOnlyList<string>? AsSent { get; init; }

    /// <summary>The ids to tell the sender.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> IdsAsSent => AsSent ?? [.. Ids.Select(id => id.ToString())];
}

/// <summary>Commit receipts over Redis pub/sub.</summary>
/// <remarks>At most once: who misses one learns it from the store, or sends again and gets another.</remarks>
public sealed class Receipts(IConnectionMultiplexer redis, Subscriptions subscriptions, IOptions<IngestOptions> options)
{
    /// <summary>The most ids that one receipt names: as an MQTT message it has less than 2 KiB then, which a small device can take.</summary>
    public const int MaxIds = 50;

    private readonly RedisChannel _channel = RedisChannel.Literal(options.Value.ReceiptChannel);

    /// <summary>Publishes a receipt to whoever listens now, each id once, in parts of <see cref="MaxIds"/>.</summary>
    public Task PublishAsync(Receipt receipt) =>
        Task.WhenAll(
            receipt
                .Ids.Zip(receipt.IdsAsSent)
                .Distinct()
                .Chunk(MaxIds)
                .Select(ids => new Receipt(receipt.Tap, [.. ids.Select(id => id.First)])
                {
                    AsSent = ids.All(id => id.First.ToString() == id.Second) ? null : [.. ids.Select(id => id.Second)],
                })
                .Select(part => redis.GetSubscriber().PublishAsync(_channel, JsonSerializer.SerializeToUtf8Bytes(part, ReceiptJson.Default.Receipt)))
        );

    /// <summary>Calls <paramref name="received"/> for each receipt from now on; calls can overlap and change places.</summary>
    public Task SubscribeAsync(Action<Receipt> received, CancellationToken cancellationToken = default) =>
        subscriptions.SubscribeAsync(
            _channel,
            message =>
            {
                if (JsonSerializer.Deserialize((byte[])message!, ReceiptJson.Default.Receipt) is { } receipt)
                {
                    received(receipt);
                }
            },
            cancellationToken
        );
}

/// <summary>Serialises receipts without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Receipt))]
internal sealed partial class ReceiptJson : JsonSerializerContext;
