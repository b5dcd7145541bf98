using System.Diagnostics;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Taproom.Simulator.Faults;
using Taproom.Simulator.Journal;
using Taproom.Simulator.Verify;

namespace Taproom.Simulator;

/// <summary>Reports what a tap's outbox holds over a connection of the tap's own, QoS 1, one pour at a time.</summary>
internal sealed partial class PourReporter(
    TapIdentity tap,
    Outbox outbox,
    BridgeAddress bridge,
    TapRegistration registration,
    SimulatorOptions options,
    FaultPlan faults,
    PourLedger ledger,
    SimulatorMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private TapConnection? _connection;

    /// <summary>Whether it has a connection to the bridge now.</summary>
    public bool IsConnected => _connection is { Lost.IsCancellationRequested: false };

    /// <summary>Breaks the connection off without a farewell, where there is one; it connects again.</summary>
    public void Drop() => _connection?.Drop();

    /// <summary>Connects, reports for as long as the connection holds, waits, and connects again.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
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
                LogDisconnected(tap.Name, delay, ex.Message);
                await Task.Delay(delay, time, stoppingToken);
            }
        }
    }

    private async Task ConnectAndSendAsync(Action connected, CancellationToken stoppingToken)
    {
        using var connection = await ConnectAsync(stoppingToken);
        connected();
        LogConnected(tap.Name, bridge.Host, bridge.Port);
        _connection = connection;
        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, connection.Lost);
            outbox.Renew();
            while (true)
            {
                await SendAsync(connection, await outbox.NextAsync(end.Token), end.Token);
            }
        }
        finally
        {
            _connection = null;
            await CloseAsync(connection);
        }
    }

    private async Task CloseAsync(TapConnection connection)
    {
        try
        {
            await connection.CloseAsync();
        }
        catch (Exception ex)
        {
            LogNotClean(tap.Name, ex.Message);
        }
    }

    private async Task<TapConnection> ConnectAsync(CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, timeout.Token);
        var token = await registration.TokenOfAsync(tap, either.Token);
        try
        {
            return await TapConnection.OpenAsync(tap, token, bridge, options.ProtocolVersion, Receive, either.Token);
        }
        catch (NotAuthorizedException)
        {
            registration.Forget(tap);
            throw;
        }
    }

    private void Receive(IReadOnlyList<Guid> ids) => LogReceipt(tap.Name, outbox.Free(ids));

    private async Task SendAsync(TapConnection connection, PouredGlass pour, CancellationToken cancellationToken)
    {
        if (faults.Corrupted(pour.ToJson()) is { } damaged)
        {
            await connection.PublishAsync(Message(damaged), cancellationToken);
        }

        var result = await PublishAsync(connection, pour, cancellationToken);
        if (result.IsSuccess && faults.SendsTwice())
        {
            result = await PublishAsync(connection, pour, cancellationToken);
        }

        if (result.IsSuccess)
        {
            outbox.Sent(pour);
            LogAcknowledged(tap.Name, pour.Seq);
        }
        else if (result.ReasonCode is MqttClientPublishReasonCode.QuotaExceeded)
        {
            // Too fast for the bridge; the pour stays due.
            await Task.Delay(options.MaxBackoff / 10, time, cancellationToken);
        }
        else
        {
            // The bridge has set it aside; sending it again would change nothing.
            LogRefused(tap.Name, pour.Seq, result.ReasonCode);
            ledger.Refused(tap.Id, pour.Id);
            outbox.Free([pour.Id]);
        }
    }

    private async Task<MqttClientPublishResult> PublishAsync(
        TapConnection connection, PouredGlass pour, CancellationToken cancellationToken)
    {
        using var activity = SimulatorTelemetry.StartPublish(pour, tap.Topic("pours"), tap.ClientId, bridge);
        var startedAt = time.GetTimestamp();
        try
        {
            var publishing = connection.PublishAsync(Message(pour, activity), cancellationToken);
            if (faults.DropsConnection())
            {
                connection.Drop();
            }

            var result = await publishing;
            metrics.Acknowledged(time.GetElapsedTime(startedAt));
            if (!result.IsSuccess)
            {
                activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", result.ReasonCode.ToString());
            }

            return result;
        }
        catch (Exception ex)
        {
            activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", ex.GetType().FullName);
            throw;
        }
    }

    private MqttApplicationMessage Message(PouredGlass pour, Activity? activity) =>
        options.ProtocolVersion is MqttProtocolVersion.V500
            ? Message(pour.ToJson(), message => message.WithContentType("application/json").WithTrace(activity))
            // Here the payload is the only place for a trace.
            : Message((pour with { TraceParent = activity?.Id, TraceState = activity?.TraceStateString }).ToJson());

    private MqttApplicationMessage Message(byte[] payload, Action<MqttApplicationMessageBuilder>? configure = null)
    {
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(tap.Topic("pours"))
            .WithPayload(payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        configure?.Invoke(message);
        return message.Build();
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

    [LoggerMessage(LogLevel.Debug, "Tap {Tap} has a receipt for {Count} of its pours.")]
    private partial void LogReceipt(string tap, int count);

    [LoggerMessage(LogLevel.Warning, "Pour {Seq} of tap {Tap} is refused: {ReasonCode}.")]
    private partial void LogRefused(string tap, long seq, MqttClientPublishReasonCode reasonCode);

    [LoggerMessage(LogLevel.Debug, "Tap {Tap} did not take its leave: {Message}")]
    private partial void LogNotClean(string tap, string message);
}
