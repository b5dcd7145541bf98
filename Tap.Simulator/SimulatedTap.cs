using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Protocol;

namespace Taproom.Simulator;

/// <summary>One tap: pours at its pace and reports each pour over a connection of its own, MQTT 5, QoS 1.</summary>
/// <remarks>
/// A pour is kept until its PUBACK; after a lost connection it is sent again with the same id. Pours of a tap are sent in the
/// order of their pouring, one at a time.
/// </remarks>
internal sealed partial class SimulatedTap(
    int tapId,
    BridgeAddress bridge,
    SimulatorOptions options,
    Random random,
    SimulatorMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private readonly string _name = tapId.ToString(CultureInfo.InvariantCulture);
    private readonly string _topic = string.Create(CultureInfo.InvariantCulture, $"taps/{tapId}/pours");
    private readonly FlowMeter _meter = new(random);
    private readonly Channel<PouredGlass> _unsent = Channel.CreateBounded<PouredGlass>(
        new BoundedChannelOptions(options.MaxUnsent) { SingleReader = true, SingleWriter = true });

    /// <summary>Whether it has a connection to the bridge now.</summary>
    public bool IsConnected { get; private set; }

    private string ClientId => $"tap-{_name}";

    /// <summary>Pours and reports until it is stopped; what the bridge did not acknowledge by then is lost with the tap.</summary>
    public Task RunAsync(CancellationToken stoppingToken) => Task.WhenAll(PourAsync(stoppingToken), ReportAsync(stoppingToken));

    private async Task PourAsync(CancellationToken stoppingToken)
    {
        for (var seq = 1L; ; seq++)
        {
            var spread = options.MaxPause - options.MinPause;
            await Task.Delay(options.MinPause + (spread > TimeSpan.Zero ? spread * random.NextDouble() : TimeSpan.Zero), time, stoppingToken);
            await _unsent.Writer.WriteAsync(
                new PouredGlass(Guid.CreateVersion7(time.GetUtcNow()), _meter.Pour(), time.GetUtcNow(), seq), stoppingToken);
        }
    }

    /// <summary>Connects, reports for as long as the connection holds, waits, and connects again.</summary>
    private async Task ReportAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (true)
        {
            try
            {
                await ConnectAndSendAsync(() => failures = 0, stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                var delay = Backoff(++failures);
                LogDisconnected(_name, delay, ex.Message);
                await Task.Delay(delay, time, stoppingToken);
            }
        }
    }

    private async Task ConnectAndSendAsync(Action connected, CancellationToken stoppingToken)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        // Never disposed: the client tells of the disconnect on a thread of its own, perhaps after all of this.
        var lost = new CancellationTokenSource();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lost.Token);
        // A tap that has nothing to send learns of a lost connection only so; the caller's loop does the reconnecting.
        client.DisconnectedAsync += _ => lost.CancelAsync();
        try
        {
            await ConnectAsync(client, stoppingToken);
            connected();
            IsConnected = true;
            LogConnected(_name, bridge.Host, bridge.Port);
            while (await _unsent.Reader.WaitToReadAsync(end.Token))
            {
                await SendFirstAsync(client, end.Token);
            }
        }
        finally
        {
            IsConnected = false;
            await DisconnectAsync(client);
        }
    }

    private async Task ConnectAsync(IMqttClient client, CancellationToken stoppingToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        timeout.CancelAfter(options.ConnectTimeout);
        var result = await client.ConnectAsync(
            new MqttClientOptionsBuilder()
                .WithTcpServer(bridge.Host, bridge.Port)
                .WithTlsOptions(tls => tls.UseTls(false))
                .WithClientId(ClientId)
                .WithCredentials(_name, "")
                .WithCleanStart()
                .WithKeepAlivePeriod(TimeSpan.FromSeconds(15))
                .Build(),
            timeout.Token);
        if (result.ResultCode is not MqttClientConnectResultCode.Success)
        {
            throw new InvalidOperationException($"The bridge refused the connection: {result.ResultCode}.");
        }
    }

    private async Task SendFirstAsync(IMqttClient client, CancellationToken cancellationToken)
    {
        if (!_unsent.Reader.TryPeek(out var pour))
        {
            return;
        }

        using var activity = SimulatorTelemetry.StartPublish(pour, _topic, ClientId, bridge);
        var startedAt = time.GetTimestamp();
        try
        {
            var result = await client.PublishAsync(
                new MqttApplicationMessageBuilder()
                    .WithTopic(_topic)
                    .WithPayload(pour.ToJson())
                    .WithContentType("application/json")
                    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                    .WithTrace(activity)
                    .Build(),
                cancellationToken);
            _unsent.Reader.TryRead(out _);
            metrics.Acknowledged(time.GetElapsedTime(startedAt));
            if (result.IsSuccess)
            {
                LogAcknowledged(_name, pour.Seq);
            }
            else
            {
                // The bridge has set it aside; sending it again would change nothing.
                activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", result.ReasonCode.ToString());
                LogRefused(_name, pour.Seq, result.ReasonCode);
            }
        }
        catch (Exception ex)
        {
            activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", ex.GetType().FullName);
            throw;
        }
    }

    private async Task DisconnectAsync(IMqttClient client)
    {
        if (!client.IsConnected)
        {
            return;
        }

        try
        {
            await client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().Build(), CancellationToken.None);
        }
        catch (Exception ex)
        {
            LogNotClean(_name, ex.Message);
        }
    }

    private TimeSpan Backoff(int failures)
    {
        var delay = options.MaxBackoff / 100 * Math.Pow(2, Math.Min(failures - 1, 10));
        // Spread, so that a bridge that comes back does not meet all taps in one instant.
        return (delay < options.MaxBackoff ? delay : options.MaxBackoff) * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    [LoggerMessage(LogLevel.Information, "Tap {Tap} is connected to {Host}:{Port}.")]
    private partial void LogConnected(string tap, string host, int port);

    [LoggerMessage(LogLevel.Warning, "Tap {Tap} has no connection, it tries again in {Delay}: {Message}")]
    private partial void LogDisconnected(string tap, TimeSpan delay, string message);

    [LoggerMessage(LogLevel.Debug, "Pour {Seq} of tap {Tap} is acknowledged.")]
    private partial void LogAcknowledged(string tap, long seq);

    [LoggerMessage(LogLevel.Warning, "Pour {Seq} of tap {Tap} is refused: {ReasonCode}.")]
    private partial void LogRefused(string tap, long seq, MqttClientPublishReasonCode reasonCode);

    [LoggerMessage(LogLevel.Debug, "Tap {Tap} did not take its leave: {Message}")]
    private partial void LogNotClean(string tap, string message);
}
