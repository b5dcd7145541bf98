using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Signals;

namespace Mqtt.Bridge.Outbound;

/// <summary>Tells the taps of each other's pours (<c>notices/pours</c>) and of their shares (<c>notices/report</c>).</summary>
/// <remarks>
/// QoS 0: a tap that is away misses them, and a pour that was sent again may be told again, with the same id. At an upstream broker
/// one bridge tells them, and the tap that poured hears it too: only the broker could leave out a subscriber.
/// </remarks>
internal sealed partial class NoticeRelay(StreamTail tail, ShareReports reports, IEnumerable<ITapPublisher> publishers, ILogger<NoticeRelay> logger)
    : BackgroundService
{
    private const string PourTopic = "notices/pours";
    private const string ReportTopic = "notices/report";

    // A report covers whatever came before it, so only the newest is worth telling.
    private readonly Channel<string> _reports = Channel.CreateBounded<string>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(tail.FollowAsync(TellPourAsync, cancellationToken: stoppingToken), TellReportsAsync(stoppingToken));

    private async Task TellPourAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (PourEntry.TryRead(delivery.Entry, out var pour, out _))
        {
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
/// <param name="Type">Its glass: <c>half</c>, <c>pint</c> or <c>stein</c>.</param>
/// <param name="Volume">Its volume in mL.</param>
/// <param name="PouredAt">When it was poured, UTC.</param>
internal sealed record PourNotice(Guid Id, int TapId, string Type, decimal Volume, DateTime PouredAt)
{
    /// <summary>Makes one.</summary>
    public static PourNotice Of(Pour pour) => new(pour.Id, pour.TapId, pour.Glass.Name(), pour.VolumeMl, pour.PouredAt.UtcDateTime);
}

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PourNotice))]
internal sealed partial class PourNoticeJson : JsonSerializerContext;
