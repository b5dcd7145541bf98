using System.Diagnostics;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Taproom.Simulator.Faults;
using Taproom.Simulator.Journal;
using Taproom.Simulator.Verify;

namespace Taproom.Simulator;

/// <summary>One tap: pours at its pace, keeps a journal, and reports each pour over a connection of its own, QoS 1.</summary>
/// <remarks>
/// A pour is on disk before it is sent and stays there until the receipt says that Postgres has it; after a lost connection, or
/// when the receipt does not come in time, it is sent again with the same id. One pour is under way at a time.
/// </remarks>
internal sealed partial class SimulatedTap(
    TapIdentity tap,
    BridgeAddress bridge,
    TapRegistration registration,
    SimulatorOptions options,
    FaultPlan faults,
    PourLedger ledger,
    SimulatorMetrics metrics,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    /// <summary>Smallest glass in mL; of a pour that was cut shorter, nothing is reported.</summary>
    private const decimal SmallestGlassMl = 100;

    private readonly Random _pace = options.RandomFor(tap.Id, "pace");
    private readonly FlowMeter _meter = new(options.RandomFor(tap.Id, "volumes"));
    private readonly Outbox _outbox = new(
        options.JournalPath is { } folder ? Path.Combine(folder, $"tap-{tap.Name}.journal") : null,
        options.MaxUnsent,
        options.ResendAfter,
        time);

    private TapConnection? _connection;

    /// <summary>Its id.</summary>
    public int Id => tap.Id;

    /// <summary>Whether it has a connection to the bridge now.</summary>
    public bool IsConnected => _connection is { Lost.IsCancellationRequested: false };

    /// <summary>The pours that are not known to be stored.</summary>
    public IReadOnlyList<PouredGlass> Owed => _outbox.Owed;

    /// <summary>Pours and reports until it is stopped.</summary>
    /// <param name="closingTime">Ends the pouring; what was poured is reported all the same.</param>
    /// <param name="stoppingToken">Ends both; what has no receipt by then waits in the journal, where there is one.</param>
    public async Task RunAsync(CancellationToken closingTime, CancellationToken stoppingToken)
    {
        using var pouring = CancellationTokenSource.CreateLinkedTokenSource(closingTime, stoppingToken);
        await Task.WhenAll(PourAsync(pouring.Token), ReportAsync(stoppingToken));
    }

    /// <inheritdoc />
    public void Dispose() => _outbox.Dispose();

    private async Task PourAsync(CancellationToken closingTime)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.Pause(_pace), time, closingTime);
                await _outbox.WaitForRoomAsync(closingTime);
                PourGlass();
            }
        }
        catch (OperationCanceledException) when (closingTime.IsCancellationRequested)
        {
            // Nothing more is poured; what was poured is still to be reported.
        }
    }

    private void PourGlass()
    {
        var stopsAt = faults.StopsMidPour();
        var volumeMl = Math.Round(_meter.Pour() * (stopsAt ?? 1), 1);
        if (volumeMl >= SmallestGlassMl)
        {
            var now = time.GetUtcNow();
            var pour = new PouredGlass(Guid.CreateVersion7(now), volumeMl, now + faults.ClockSkew(), _outbox.LastSeq + 1);
            _outbox.Add(pour, faults.HoldsBack(2 * options.Pause(_pace)));
            ledger.Poured(tap.Id, pour.Id);
        }

        if (stopsAt is not null)
        {
            LogPowerCut(tap.Name);
            _outbox.Reload();
            _connection?.Drop();
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
            _outbox.Renew();
            while (true)
            {
                await SendAsync(connection, await _outbox.NextAsync(end.Token), end.Token);
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

    private void Receive(IReadOnlyList<Guid> ids) => LogReceipt(tap.Name, _outbox.Free(ids));

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
            _outbox.Sent(pour);
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
            _outbox.Free([pour.Id]);
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

    [LoggerMessage(LogLevel.Information, "The power of tap {Tap} fails in the middle of a pour.")]
    private partial void LogPowerCut(string tap);
}
