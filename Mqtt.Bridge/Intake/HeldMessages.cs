using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;

namespace Mqtt.Bridge.Intake;

/// <summary>Messages that Redis does not take yet: they stay unacknowledged and are tried again.</summary>
internal sealed partial class HeldMessages(BridgeMetrics metrics, TimeSpan maxBackoff, TimeProvider time, ILogger logger)
{
    private int _count;

    /// <summary>Tries a write until it succeeds. An entry has its id, so trying again after an unknown outcome does no harm.</summary>
    /// <param name="write">Appends the message, or sets it aside.</param>
    /// <param name="before">Ends when what the sender sent before is written: until then nothing is tried again.</param>
    /// <param name="connection">Cancelled when the sender's connection ends.</param>
    /// <param name="closing">Cancelled when the bridge stops; an attempt that is under way still finishes.</param>
    /// <exception cref="OperationCanceledException">One of them was cancelled: the message must not be acknowledged.</exception>
    public async Task UntilWrittenAsync(Func<Task> write, Task before, CancellationToken connection, CancellationToken closing)
    {
        if (await TryAsync(write, connection) is not { } cause)
        {
            return;
        }

        metrics.Held();
        if (Interlocked.Increment(ref _count) == 1)
        {
            LogHolding(cause.Message);
        }

        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(connection, closing);
            // At once when what came before is only now written.
            for (var failures = before.IsCompleted ? 1 : 0; ; failures++)
            {
                await (failures == 0 ? before : Task.Delay(Backoff.After(failures, maxBackoff), time, end.Token));
                if (await TryAsync(write, connection) is null)
                {
                    return;
                }
            }
        }
        finally
        {
            metrics.Released();
            if (Interlocked.Decrement(ref _count) == 0)
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
