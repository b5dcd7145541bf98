namespace Taproom;

/// <summary>Does something until it is stopped, and does it again whatever fails, after a pause that grows with each failure in a row.</summary>
/// <param name="longest">The longest pause after a failure.</param>
/// <param name="failed">Told of each failure: what it was, how many there were in a row, and the pause that begins now.</param>
/// <param name="time">Measures the pauses.</param>
public sealed class RetryLoop(TimeSpan longest, Action<Exception, int, TimeSpan> failed, TimeProvider time)
{
    /// <summary>How many attempts in a row have failed.</summary>
    public int Failures { get; private set; }

    /// <summary>It works again, though the attempt goes on.</summary>
    public void Recovered() => Failures = 0;

    /// <summary>Takes one turn after the other.</summary>
    /// <param name="turn">One turn, with whatever it waits for.</param>
    /// <param name="stoppingToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    public Task RunAsync(Func<CancellationToken, Task> turn, CancellationToken stoppingToken) => RunAsync(turn, TimeSpan.Zero, stoppingToken);

    /// <summary>Takes one turn after the other.</summary>
    /// <param name="turn">One turn.</param>
    /// <param name="period">The pause after a turn that went well.</param>
    /// <param name="stoppingToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    public async Task RunAsync(Func<CancellationToken, Task> turn, TimeSpan period, CancellationToken stoppingToken)
    {
        while (true)
        {
            await UntilDoneAsync(turn, stoppingToken);
            await Task.Delay(period, time, stoppingToken);
        }
    }

    /// <summary>Tries until an attempt succeeds.</summary>
    /// <param name="attempt">One attempt.</param>
    /// <param name="stoppingToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    public async Task UntilDoneAsync(Func<CancellationToken, Task> attempt, CancellationToken stoppingToken)
    {
        while (true)
        {
            stoppingToken.ThrowIfCancellationRequested();
            try
            {
                await attempt(stoppingToken);
                Failures = 0;
                return;
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                var pause = Backoff.After(++Failures, longest);
                failed(ex, Failures, pause);
                await Task.Delay(pause, time, stoppingToken);
            }
        }
    }
}
