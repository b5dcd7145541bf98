using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using Taproom;
using Taproom.Signals;
using Taproom.Store;

namespace Ingest.Api.Webhooks;

/// <summary>Gives every active hook its turns: when a worker has committed something, when an attempt is due, and now and then.</summary>
/// <remarks>
/// Each hook has a loop of its own, so a receiver that hangs holds up no other. While there is no active hook it listens to nothing, and
/// looks once a minute whether another replica was given one.
/// </remarks>
internal sealed partial class WebhookSender(
    IServiceScopeFactory scopes,
    WebhookTurn turn,
    WebhookSignal changes,
    WebhookOffEvents offEvents,
    Receipts receipts,
    IOptions<WebhookOptions> options,
    TimeProvider time,
    ILogger<WebhookSender> logger
) : BackgroundService
{
    private static readonly TimeSpan IdlePeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(10);

    // Under load the workers commit all the time; a hook with nothing to tell does not ask more often than this.
    private static readonly TimeSpan TurnGap = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<Guid, Loop> _loops = [];

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var commits = new CommitSubscription(receipts, Poke);
        try
        {
            await KeepLookingAsync(commits, stoppingToken);
        }
        finally
        {
            // They let go of their hooks, so that another replica can take them at once.
            await Task.WhenAll(_loops.Values.Select(loop => loop.Work)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task KeepLookingAsync(CommitSubscription commits, CancellationToken stoppingToken)
    {
        var failures = 0;
        while (true)
        {
            TimeSpan wait;
            try
            {
                var isNeeded = await LookAsync(stoppingToken);
                commits.Set(isNeeded);
                Poke();
                wait = isNeeded ? options.Value.Poll : IdlePeriod;
                failures = 0;
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                wait = Backoff.After(++failures, MaxBackoff);
                LogLookFailed(ex.Message);
            }

            await changes.WaitAsync(wait, stoppingToken);
        }
    }

    /// <summary>Sees to it that each active hook has a loop, and that what was turned off is told.</summary>
    /// <returns>Whether there is an active hook.</returns>
    private async Task<bool> LookAsync(CancellationToken stoppingToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        var active = await db.Webhooks.Where(hook => hook.Active).Select(hook => hook.Id).ToListAsync(stoppingToken);
        using (ExecutionContext.SuppressFlow())
        {
            // What is sent is to have spans.
            Run(active, stoppingToken);
        }

        await offEvents.TellAsync(db, stoppingToken);
        return active.Count > 0;
    }

    private void Run(List<Guid> active, CancellationToken stoppingToken)
    {
        lock (_loops)
        {
            foreach (var id in _loops.Where(loop => loop.Value.Work.IsCompleted).Select(loop => loop.Key).ToList())
            {
                _loops.Remove(id);
            }

            foreach (var id in active.Where(id => !_loops.ContainsKey(id)))
            {
                var signal = new WebhookSignal(time);
                _loops[id] = new Loop(signal, Task.Run(() => RunAsync(id, signal, stoppingToken), stoppingToken));
            }
        }
    }

    private void Poke()
    {
        lock (_loops)
        {
            foreach (var loop in _loops.Values)
            {
                loop.Signal.Set();
            }
        }
    }

    private async Task RunAsync(Guid id, WebhookSignal signal, CancellationToken stoppingToken)
    {
        var failures = 0;
        while (true)
        {
            TimeSpan? wait;
            try
            {
                var end = await turn.RunAsync(id, stoppingToken);
                if (!end.IsActive)
                {
                    // Where it was turned off, that is to be told.
                    changes.Set();
                    return;
                }

                wait = end.NextAt - time.GetUtcNow();
                failures = 0;
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                // Nothing moved, so the next turn begins with the same message.
                wait = Backoff.After(++failures, MaxBackoff);
                LogTurnFailed(id, ex.Message);
            }

            await Task.Delay(TurnGap, time, stoppingToken);
            await signal.WaitAsync(wait < TimeSpan.Zero ? TimeSpan.Zero : wait, stoppingToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Whether there are webhooks is not known: {Message}")]
    private partial void LogLookFailed(string message);

    [LoggerMessage(LogLevel.Warning, "Webhook {Id} had no turn: {Message}")]
    private partial void LogTurnFailed(Guid id, string message);

    private sealed record Loop(WebhookSignal Signal, Task Work);
}
