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

    /// <summary>By id the W3C <c>traceparent</c> of what stored it, of those whose trace is kept; null where none is.</summary>
    public IReadOnlyDictionary<Guid, string>? Traces { get; init; }

    /// <summary>Of traces those of some ids; null for none.</summary>
    public static IReadOnlyDictionary<Guid, string>? Among(IReadOnlyDictionary<Guid, string>? traces, IEnumerable<Guid> ids)
    {
        if (traces is null or { Count: 0 })
        {
            return null;
        }

        var found = ids.Where(traces.ContainsKey).Distinct().ToDictionary(id => id, id => traces[id]);
        return found.Count > 0 ? found : null;
    }

    /// <summary>The ids to tell the sender.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> IdsAsSent => AsSent ?? [.. Ids.Select(id => id.ToString())];
}

/// <summary>Commit receipts over Redis pub/sub.</summary>
/// <remarks>At most once: who misses one learns it from the store, or sends again and gets another.</remarks>
public sealed class Receipts(IConnectionMultiplexer redis, Subscriptions subscriptions, IOptions<IngestOptions> options)
{
    private readonly RedisChannel _channel = RedisChannel.Literal(options.Value.ReceiptChannel);

    /// <summary>Publishes receipts to whoever listens now, all in one message.</summary>
    public Task PublishAsync(params IReadOnlyList<Receipt> receipts) =>
        redis
            .GetSubscriber()
            .PublishAsync(_channel, JsonSerializer.SerializeToUtf8Bytes(receipts, ReceiptJson.Default.IReadOnlyListReceipt))
            .WaitAsync(Deadlines.Call);

    /// <summary>Calls <paramref name="received"/> for each receipt from now on, until cancelled; calls can overlap and change places.</summary>
    public Task SubscribeAsync(Action<Receipt> received, CancellationToken cancellationToken = default) =>
        subscriptions.SubscribeAsync(
            _channel,
            message =>
            {
                foreach (var receipt in JsonSerializer.Deserialize((byte[])message!, ReceiptJson.Default.IReadOnlyListReceipt) ?? [])
                {
                    received(receipt);
                }
            },
            cancellationToken
        );

    /// <summary>Calls <paramref name="committed"/> whenever a worker has committed something, whatever it was, from now on, until cancelled.</summary>
    public Task SubscribeAsync(Action committed, CancellationToken cancellationToken = default) =>
        subscriptions.SubscribeAsync(_channel, _ => committed(), cancellationToken);
}

/// <summary>Serialises receipts without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<Receipt>))]
internal sealed partial class ReceiptJson : JsonSerializerContext;
