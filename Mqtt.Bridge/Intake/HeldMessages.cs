using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;

namespace Mqtt.Bridge.Intake;

/// <summary>Messages that Redis does not take yet: they stay unacknowledged and are tried again.</summary>
internal sealed partial class HeldMessages(BridgeMetrics metrics, TimeSpan maxBackoff, TimeProvider time, ILogger logger)
{
    private int _writes;

    /// <summary>Tries a write until it succeeds. An entry has its id, so trying again after an unknown outcome does no harm.</summary>
    /// <param name="write">Appends messages, or sets one aside.</param>
    /// <param name="count">How many they are.</param>
    /// <param name="connection">Cancelled when the sender's connection ends.</param>
    /// <param name="closing">Cancelled when the bridge stops; an attempt that is under way still finishes.</param>
    /// <exception cref="OperationCanceledException">One of them was cancelled: the messages must not be acknowledged.</exception>
    public async Task UntilWrittenAsync(Func<Task> write, int count, CancellationToken connection, CancellationToken closing)
    {
        if (await TryAsync(write, connection) is not { } cause)
        {
            return;
        }

        metrics.Held(count);
        if (Interlocked.Increment(ref _writes) == 1)
        {
            LogHolding(cause.Message);
        }

        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(connection, closing);
            for (var failures = 1; ; failures++)
            {
                await Task.Delay(Backoff.After(failures, maxBackoff), time, end.Token);
                if (await TryAsync(write, connection) is null)
                {
                    return;
                }
            }
        }
        finally
        {
            metrics.Released(count);
            if (Interlocked.Decrement(ref _writes) == 0)
            {
                LogReleased();
            }
        }
    }

    /// <returns>Why it failed, where another try can help; null when it succeeded.</returns>
    private async Task<Exception?> TryAsync(Func<Task> write, CancellationToken connection)
    {
        try
        {
            await write();
            return null;
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException or StreamFullException && !connection.IsCancellationRequested)
        {
            LogNotTaken(ex.Message);
            return ex;
        }
    }

    [LoggerMessage(LogLevel.Debug, "Not taken yet: {Message}")]
    private partial void LogNotTaken(string message);

    [LoggerMessage(LogLevel.Error, "The stream takes nothing, messages are held unacknowledged: {Message}")]
    private partial void LogHolding(string message);

    [LoggerMessage(LogLevel.Information, "No message is held any more.")]
    private partial void LogReleased();
}
