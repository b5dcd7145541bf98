using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Taproom;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Signals;

namespace Mqtt.Bridge.Outbound;

/// <summary>Tells the taps of each other's pours (<c>notices/pours</c>) and of their shares (<c>notices/report</c>).</summary>
/// <remarks>
/// QoS 0: a tap that is away misses them, and a pour that was sent again may be told again, with the same id. The stream is read only
/// while some connected tap listens to it, or an upstream broker is joined, of which nobody knows who listens there. At that broker one
/// bridge tells them, and the tap that poured hears it too: only the broker could leave out a subscriber.
/// </remarks>
internal sealed partial class NoticeRelay(
    ListenerGate gate,
    StreamTail tail,
    ShareReports reports,
    IEnumerable<ITapPublisher> publishers,
    ILogger<NoticeRelay> logger
) : BackgroundService
{
    /// <summary>Where the pours are told.</summary>
    public const string PourTopic = "notices/pours";

    /// <summary>A tap whose connection breaks comes back in this time.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private const string ReportTopic = "notices/report";

    private static readonly ActivitySource Source = new("Mqtt.Bridge");

    // A report covers whatever came before it, so only the newest is worth telling.
    private readonly Channel<string> _reports = Channel.CreateBounded<string>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(gate.RunAsync(TellPoursAsync, stoppingToken), TellReportsAsync(stoppingToken));

    private Task TellPoursAsync(Action ready, CancellationToken cancellationToken) =>
        tail.FollowAsync(TellPourAsync, connected: (_, _) => ready(), cancellationToken: cancellationToken);

    private async Task TellPourAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (PourEntry.TryRead(delivery.Entry, out var pour, out _))
        {
            using var activity = IngestTelemetry.StartPush(Source, "publish", "mqtt", PourTopic, delivery.Entry!);
            var notice = JsonSerializer.SerializeToUtf8Bytes(PourNotice.Of(pour), PourNoticeJson.Default.PourNotice);
            await NotifyAsync(PourTopic, notice, pour.TapId, cancellationToken);
        }
    }

    private async Task TellReportsAsync(CancellationToken stoppingToken)
    {
        await reports.SubscribeAsync(report => _reports.Writer.TryWrite(report), stoppingToken);
        await foreach (var report in _reports.Reader.ReadAllAsync(stoppingToken))
        {
            await NotifyAsync(ReportTopic, Encoding.UTF8.GetBytes(report), exceptTapId: null, stoppingToken);
        }
    }

    private async Task NotifyAsync(string topic, byte[] json, int? exceptTapId, CancellationToken cancellationToken)
    {
        foreach (var publisher in publishers)
        {
            try
            {
                await publisher.NotifyAsync(topic, json, exceptTapId, cancellationToken);
            }
            catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(topic, ex.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "A notice on {Topic} was not published: {Message}")]
    private partial void LogFailed(string topic, string message);
}

/// <summary>A pour as other taps are told of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TapId">The tap that poured it.</param>
/// <param name="Type">Its glass: <c>half</c>, <c>pint</c> or <c>stein</c>; left out where the volume is.</param>
/// <param name="Volume">Its volume in mL; left out where the tap sent pulses only, as the store derives it.</param>
/// <param name="PouredAt">When it was poured, UTC.</param>
internal sealed record PourNotice(Guid Id, int TapId, string? Type, decimal? Volume, DateTime PouredAt)
{
    /// <summary>Makes one.</summary>
    public static PourNotice Of(Pour pour) => new(pour.Id, pour.TapId, pour.Glass?.Name(), pour.VolumeMl, pour.PouredAt.UtcDateTime);
}

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PourNotice))]
internal sealed partial class PourNoticeJson : JsonSerializerContext;
