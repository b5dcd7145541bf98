using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Mqtt.Bridge.Upstream;
using MQTTnet.Protocol;
using Taproom.Ingest;
using Taproom.Signals;

namespace Mqtt.Bridge.Listener;

/// <summary>Brings commit receipts to the taps: <c>taps/{tapId}/receipts</c>, <c>{"ids":[...]}</c>.</summary>
/// <remarks>
/// At most once. Every bridge hears every receipt, the one that holds the tap's connection delivers it; a tap that was away
/// sends its pour again and gets another. What came from an upstream broker is told there, by the bridge that took it.
/// </remarks>
internal sealed partial class ReceiptRelay(
    Receipts receipts,
    MqttListener listener,
    UpstreamOutbox upstream,
    TimeProvider time,
    ILogger<ReceiptRelay> logger
) : BackgroundService
{
    /// <summary>An upstream broker answers each receipt; this many answers are waited for at a time.</summary>
    private const int Concurrency = 32;

    // Bounded, so that receipts cannot pile up: a dropped one costs a resend.
    private readonly Channel<Receipt> _queue = Channel.CreateBounded<Receipt>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await time.UntilSubscribedAsync(() => receipts.SubscribeAsync(Enqueue), LogNotSubscribed, stoppingToken);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = stoppingToken };
        await Parallel.ForEachAsync(_queue.Reader.ReadAllAsync(stoppingToken), parallel, RelayAsync);
    }

    private void Enqueue(Receipt receipt)
    {
        // Meters and HTTP clients get theirs otherwise.
        if (int.TryParse(receipt.Tap, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            _queue.Writer.TryWrite(receipt);
        }
    }

    private async ValueTask RelayAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        var topic = $"taps/{receipt.Tap}/receipts";
        try
        {
            await listener.PublishAsync(topic, ToJson(receipt.Ids), MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken);
            if (upstream.Taken.Among(receipt.Ids) is { Count: > 0 } taken)
            {
                await upstream.PublishAsync(topic, ToJson(taken), cancellationToken);
            }
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(ex, receipt.Tap);
        }
    }

    private static byte[] ToJson(IReadOnlyList<Guid> ids) =>
        JsonSerializer.SerializeToUtf8Bytes(new ReceiptMessage(ids), ReceiptMessageJson.Default.ReceiptMessage);

    [LoggerMessage(LogLevel.Warning, "Receipts cannot be heard yet: {Message}")]
    private partial void LogNotSubscribed(string message);

    [LoggerMessage(LogLevel.Error, "A receipt for tap {Tap} was not relayed.")]
    private partial void LogFailed(Exception exception, string tap);
}

/// <summary>What a tap gets: the ids of its reports that Postgres has.</summary>
/// <param name="Ids">Their ids.</param>
internal sealed record ReceiptMessage(IReadOnlyList<Guid> Ids);

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ReceiptMessage))]
internal sealed partial class ReceiptMessageJson : JsonSerializerContext;
