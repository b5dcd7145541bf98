using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Taproom.Signals;

namespace Mqtt.Bridge.Outbound;

/// <summary>Brings commit receipts to the taps: <c>taps/{tapId}/receipts</c>, <c>{"ids":[...]}</c>.</summary>
/// <remarks>
/// At most once. Every bridge hears every receipt, the one that holds the tap's connection delivers it; a tap that was away
/// sends its pour again and gets another.
/// </remarks>
internal sealed partial class ReceiptRelay(Receipts receipts, IEnumerable<ITapPublisher> publishers, ILogger<ReceiptRelay> logger) : BackgroundService
{
    /// <summary>The most ids that one message names: it has less than 2 KiB then, which a small device can take.</summary>
    public const int MaxIds = 50;

    /// <summary>An upstream broker answers each receipt; this many answers are waited for at a time.</summary>
    private const int Concurrency = 32;

    // Bounded, so that receipts cannot pile up: a dropped one costs a resend.
    private readonly Channel<Receipt> _queue = Channel.CreateBounded<Receipt>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    /// <summary>The payload of a receipt.</summary>
    public static byte[] ToJson(IReadOnlyList<string> ids) =>
        JsonSerializer.SerializeToUtf8Bytes(new ReceiptMessage(ids), ReceiptMessageJson.Default.ReceiptMessage);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await receipts.SubscribeAsync(Enqueue, stoppingToken);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = stoppingToken };
        await Parallel.ForEachAsync(_queue.Reader.ReadAllAsync(stoppingToken), parallel, RelayAsync);
    }

    private void Enqueue(Receipt receipt)
    {
        // Of what was sent twice in a batch the tap is told once.
        foreach (var ids in receipt.Ids.Zip(receipt.IdsAsSent).Distinct().Chunk(MaxIds))
        {
            _queue.Writer.TryWrite(
                new Receipt(receipt.Tap, [.. ids.Select(id => id.First)])
                {
                    AsSent = [.. ids.Select(id => id.Second)],
                    Traces = Receipt.Among(receipt.Traces, ids.Select(id => id.First)),
                }
            );
        }
    }

    private async ValueTask RelayAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        // Meters and HTTP clients have no topic.
        if (!int.TryParse(receipt.Tap, NumberStyles.None, CultureInfo.InvariantCulture, out var tapId))
        {
            return;
        }

        foreach (var publisher in publishers)
        {
            try
            {
                await publisher.SendReceiptAsync(tapId, receipt, cancellationToken);
            }
            catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(ex, tapId);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A receipt for tap {TapId} was not relayed.")]
    private partial void LogFailed(Exception exception, int tapId);
}

/// <summary>What a tap gets: the ids of its reports that Postgres has.</summary>
/// <param name="Ids">Their ids, as the tap wrote them.</param>
internal sealed record ReceiptMessage(IReadOnlyList<string> Ids);

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ReceiptMessage))]
internal sealed partial class ReceiptMessageJson : JsonSerializerContext;
