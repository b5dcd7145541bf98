using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Mqtt.Bridge.Upstream;
using MQTTnet.Protocol;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Signals;

namespace Mqtt.Bridge.Listener;

/// <summary>Tells the taps of each other's pours (<c>notices/pours</c>) and of their shares (<c>notices/report</c>).</summary>
/// <remarks>
/// QoS 0: who is away misses them, and a pour that was sent again may be told again, with the same id. At an upstream broker one
/// bridge tells them, and the tap that poured hears it too: nobody but the broker can leave out a subscriber.
/// </remarks>
internal sealed partial class NoticeRelay(
    StreamTail tail,
    ShareReports reports,
    MqttListener listener,
    UpstreamOutbox upstream,
    TimeProvider time,
    ILogger<NoticeRelay> logger
) : BackgroundService
{
    private const string ReportTopic = "notices/report";
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    // A report covers whatever came before it, so only the newest is worth telling.
    private readonly Channel<string> _reports = Channel.CreateBounded<string>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            time.UntilSubscribedAsync(() => reports.SubscribeAsync(report => _reports.Writer.TryWrite(report)), LogInterrupted, stoppingToken),
            TellAgainAsync(TellPoursAsync, stoppingToken),
            TellAgainAsync(TellReportsAsync, stoppingToken)
        );

    private async Task TellAgainAsync(Func<CancellationToken, Task> tell, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await tell(stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                LogInterrupted(ex.Message);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    private async Task TellPoursAsync(CancellationToken stoppingToken)
    {
        await foreach (var delivery in tail.FollowAsync(await tail.EndAsync(), stoppingToken))
        {
            if (PourEntry.TryRead(delivery.Entry, out var pour, out _))
            {
                var notice = JsonSerializer.SerializeToUtf8Bytes(PourNotice.Of(pour), PourNoticeJson.Default.PourNotice);
                await listener.PublishAsync(
                    PourNotice.Topic,
                    notice,
                    MqttQualityOfServiceLevel.AtMostOnce,
                    stoppingToken,
                    PourNotice.SenderOf(pour.TapId)
                );
                upstream.Tell(PourNotice.Topic, notice);
            }
        }
    }

    private async Task TellReportsAsync(CancellationToken stoppingToken)
    {
        await foreach (var report in _reports.Reader.ReadAllAsync(stoppingToken))
        {
            var notice = Encoding.UTF8.GetBytes(report);
            await listener.PublishAsync(ReportTopic, notice, MqttQualityOfServiceLevel.AtMostOnce, stoppingToken);
            upstream.Tell(ReportTopic, notice);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Taps get no notices at the moment: {Message}")]
    private partial void LogInterrupted(string message);
}

/// <summary>A pour as other taps are told of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TapId">The tap that poured it.</param>
/// <param name="Type">Its glass: <c>half</c>, <c>pint</c> or <c>stein</c>.</param>
/// <param name="Volume">Its volume in mL.</param>
/// <param name="PouredAt">When it was poured, UTC.</param>
internal sealed record PourNotice(Guid Id, int TapId, string Type, decimal Volume, DateTime PouredAt)
{
    /// <summary>Where it is told.</summary>
    public const string Topic = "notices/pours";

    /// <summary>Makes one.</summary>
    public static PourNotice Of(Pour pour) => new(pour.Id, pour.TapId, pour.Glass.Name(), pour.VolumeMl, pour.PouredAt.UtcDateTime);

    /// <summary>The sender under which it is told, by which the tap that poured it is left out.</summary>
    public static string SenderOf(int tapId) => $"{MqttListener.SenderId}/{tapId}";
}

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PourNotice))]
internal sealed partial class PourNoticeJson : JsonSerializerContext;
