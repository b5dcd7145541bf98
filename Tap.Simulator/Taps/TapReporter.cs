using Tap.Simulator.Journal;
using Tap.Simulator.Transports;
using Taproom;

namespace Tap.Simulator.Taps;

/// <summary>Reports what a tap's outbox holds over a connection of the tap's own, one pour at a time.</summary>
internal sealed partial class TapReporter(
    TapIdentity tap,
    Outbox outbox,
    TapSensors sensors,
    ITapTransport transport,
    TapRegistration registration,
    SimulatorOptions options,
    TransportOptions transportOptions,
    FaultPlan faults,
    PourLedger ledger,
    TimeProvider time,
    ILogger logger
)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private ITapConnection? _connection;

    /// <summary>Whether it has a connection now.</summary>
    public bool IsConnected => _connection is { Lost.IsCancellationRequested: false };

    /// <summary>Breaks the connection off without a DISCONNECT, where there is one; it connects again.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Drop()
    {
        var connection = _connection;
        connection?.Drop();
        return connection is not null;
    }

    /// <summary>Connects, reports for as long as the connection holds, waits, and connects again.</summary>
    public Task RunAsync(CancellationToken stoppingToken)
    {
        var loop = new RetryLoop(transportOptions.MaxBackoff, Failed, time);
        return loop.RunAsync(cancellationToken => ConnectAndSendAsync(loop.Recovered, cancellationToken), stoppingToken);
    }

    private void Failed(Exception exception, int failures, TimeSpan delay)
    {
        if (exception is NotAuthorizedException)
        {
            registration.Forget(tap);
        }

        LogDisconnected(tap.Name, delay, exception.Message);
    }

    private async Task ConnectAndSendAsync(Action connected, CancellationToken stoppingToken)
    {
        using var connection = await ConnectAsync(stoppingToken);
        LogConnected(tap.Name, transport.Address);
        _connection = connection;
        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, connection.Lost);
            outbox.Renew();
            Task[] both = [SendPoursAsync(connection, connected, end.Token), SendReadingsAsync(connection, end.Token)];
            await Task.WhenAny(both);
            await end.CancelAsync();
            await Task.WhenAll(both);
        }
        catch (Exception ex) when (connection.Lost.IsCancellationRequested && ex is not NotAuthorizedException)
        {
            // The client's own words are about its internals.
            stoppingToken.ThrowIfCancellationRequested();
            throw new IOException("The connection broke off.", ex);
        }
        finally
        {
            _connection = null;
            await CloseAsync(connection);
        }
    }

    private async Task CloseAsync(ITapConnection connection)
    {
        try
        {
            await connection.CloseAsync();
        }
        catch (Exception ex)
        {
            LogNotClosed(tap.Name, ex.Message);
        }
    }

    private void Stored(IReadOnlyList<Guid> ids)
    {
        // A receipt names readings, too.
        var pours = outbox.Remove(ids);
        LogReceipt(tap.Name, pours.Count);
        if (transportOptions.Receipts && pours.Count > 0)
        {
            // Not only acknowledged: an id that another tap copies must be this tap's for good.
            ledger.Stored(tap.Id, pours[^1]);
        }
    }

    private async Task<ITapConnection> ConnectAsync(CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, timeout.Token);
        var token = await registration.TokenOfAsync(tap, either.Token);
        return await transport.OpenAsync(tap, token, Stored, faults.MayStopReading, either.Token);
    }

    private async Task SendReadingsAsync(ITapConnection connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(options.ReadingsEvery ?? Timeout.InfiniteTimeSpan, time, cancellationToken);
            await connection.SendReadingAsync(sensors.Read(), cancellationToken);
        }
    }

    private async Task SendPoursAsync(ITapConnection connection, Action connected, CancellationToken cancellationToken)
    {
        while (true)
        {
            var pour = await outbox.NextAsync(cancellationToken);
            await SendBadAsync(connection, pour, cancellationToken);
            await SendAsync(connection, pour, cancellationToken);
            connected();
        }
    }

    private async Task SendBadAsync(ITapConnection connection, Pour pour, CancellationToken cancellationToken)
    {
        byte[]?[] payloads =
        [
            faults.Corrupted(pour.ToJson()),
            faults.CopiesId() && ledger.IdOfAnother(tap.Id) is { } id ? (pour with { Id = id, TapId = tap.Id }).ToJson() : null,
        ];
        foreach (var payload in payloads.OfType<byte[]>())
        {
            await connection.SendBadAsync(payload, cancellationToken);
            ledger.Bad();
        }
    }

    private async Task SendAsync(ITapConnection connection, Pour pour, CancellationToken cancellationToken)
    {
        if (faults.StopsReading(options.StopReadingFor) is { } pause)
        {
            LogStopsReading(tap.Name, pause);
            connection.StopReading(pause);
        }

        var sending = connection.SendAsync(pour, cancellationToken);
        if (faults.DropsConnection())
        {
            connection.Drop();
        }

        var answer = await sending;
        if (answer.Kind is AnswerKind.Accepted or AnswerKind.Stored && faults.SendsTwice())
        {
            answer = await connection.SendAsync(pour, cancellationToken);
            ledger.Repeated();
        }

        switch (answer.Kind)
        {
            case AnswerKind.Accepted:
                outbox.Sent(pour);
                LogAccepted(tap.Name, pour.Seq);
                break;
            case AnswerKind.Stored:
                Stored([pour.Id]);
                break;
            case AnswerKind.Busy:
                // The pour stays due.
                await Task.Delay(transportOptions.MaxBackoff / 10, time, cancellationToken);
                break;
            default:
                // It is set aside or thrown away; sending it again would change nothing.
                LogRefused(tap.Name, pour.Seq, answer.Reason);
                ledger.Refused(tap.Id, pour.Id);
                outbox.Remove([pour.Id]);
                break;
        }
    }

    [LoggerMessage(LogLevel.Information, "Tap {Tap} is connected to {Address}.")]
    private partial void LogConnected(string tap, string address);

    [LoggerMessage(LogLevel.Warning, "Tap {Tap} has no connection, it tries again in {Delay}: {Message}")]
    private partial void LogDisconnected(string tap, TimeSpan delay, string message);

    [LoggerMessage(LogLevel.Debug, "Pour {Seq} of tap {Tap} is accepted.")]
    private partial void LogAccepted(string tap, long seq);

    [LoggerMessage(LogLevel.Debug, "Tap {Tap} has a receipt for {Count} of its pours.")]
    private partial void LogReceipt(string tap, int count);

    [LoggerMessage(LogLevel.Information, "Tap {Tap} reads nothing for {Pause}.")]
    private partial void LogStopsReading(string tap, TimeSpan pause);

    [LoggerMessage(LogLevel.Warning, "Pour {Seq} of tap {Tap} is refused: {Reason}.")]
    private partial void LogRefused(string tap, long seq, string reason);

    [LoggerMessage(LogLevel.Debug, "The connection of tap {Tap} did not close properly: {Message}")]
    private partial void LogNotClosed(string tap, string message);
}
