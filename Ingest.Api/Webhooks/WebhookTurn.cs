using Microsoft.Extensions.Options;
using OpenTelemetry;
using Taproom;
using Taproom.Store;

namespace Ingest.Api.Webhooks;

/// <summary>Why a turn of a hook ended, and when the next one is due.</summary>
/// <param name="IsActive">Whether there is a hook to look at again.</param>
/// <param name="NextAt">When; null for when something is stored.</param>
internal readonly record struct TurnEnd(bool IsActive, DateTimeOffset? NextAt = null);

/// <summary>Tells the receiver of one hook what it has not been told: one message after the other, in the order of insertion.</summary>
/// <remarks>
/// At least once: the cursor of the hook moves after the answer, so what was under way when a replica was killed is sent again, with the
/// same <c>webhook-id</c>. One replica at a time sends for a hook; of one that was killed the lease runs out.
/// </remarks>
internal sealed partial class WebhookTurn(
    IServiceScopeFactory scopes,
    WebhookClient client,
    IOptions<WebhookOptions> options,
    TimeProvider time,
    ILogger<WebhookTurn> logger
)
{
    private const int BatchSize = 50;
    private const int StatusGone = StatusCodes.Status410Gone;

    private readonly Guid _holder = Guid.NewGuid();

    /// <summary>One turn: sends until nothing is left, or an attempt fails.</summary>
    public async Task<TurnEnd> RunAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var (store, messages) = (
            scope.ServiceProvider.GetRequiredService<WebhookStore>(),
            scope.ServiceProvider.GetRequiredService<WebhookMessages>()
        );
        // Most turns find nothing, and then nothing is written.
        if (await store.FindAsync(id, cancellationToken) is not { Active: true } found)
        {
            return new TurnEnd(IsActive: false);
        }

        if (found.NextAttemptAt > time.GetUtcNow())
        {
            return new TurnEnd(IsActive: true, found.NextAttemptAt);
        }

        if ((await DueAsync(messages, found, cancellationToken)).Count == 0)
        {
            return new TurnEnd(IsActive: true);
        }

        try
        {
            while (await store.LeaseAsync(id, _holder, cancellationToken) is { } hook)
            {
                var due = await DueAsync(messages, hook, cancellationToken);
                if (due.Count == 0 || hook.NextAttemptAt > time.GetUtcNow())
                {
                    return new TurnEnd(IsActive: true, hook.NextAttemptAt);
                }

                if (await SendAsync(store, hook, due, cancellationToken) is { } end)
                {
                    return end;
                }
            }

            return new TurnEnd(IsActive: true);
        }
        finally
        {
            await store.ReleaseAsync(id, _holder, CancellationToken.None);
        }
    }

    private static async Task<IReadOnlyList<(DueRow Row, WebhookMessage? Message)>> DueAsync(
        WebhookMessages messages,
        Webhook hook,
        CancellationToken cancellationToken
    )
    {
        // It is asked every few seconds, and would bury the traces of pours.
        using var quiet = SuppressInstrumentationScope.Begin();
        return await messages.ReadAsync(hook, BatchSize, cancellationToken);
    }

    /// <returns>Null when more may be due.</returns>
    private async Task<TurnEnd?> SendAsync(
        WebhookStore store,
        Webhook hook,
        IReadOnlyList<(DueRow Row, WebhookMessage? Message)> due,
        CancellationToken cancellationToken
    )
    {
        var failures = hook.Failures;
        foreach (var (row, message) in due)
        {
            if (message is null)
            {
                continue;
            }

            var attempt = await client.SendAsync(hook, message, cancellationToken);
            await store.RecordAsync(hook, message, failures + 1, attempt, cancellationToken);
            if (attempt.Error is not null)
            {
                LogFailed(hook.Id, failures + 1, attempt.Error);
                return await FailAsync(store, hook, failures, attempt, cancellationToken);
            }

            failures = 0;
            if (!await store.MoveAsync(hook, row, cancellationToken))
            {
                return null;
            }
        }

        // Where the last rows of a table are of no interest to the hook, they need not be read again.
        foreach (var last in due.GroupBy(item => item.Row.IsEvent).Select(table => table.Last()).Where(last => last.Message is null))
        {
            await store.MoveAsync(hook, last.Row, cancellationToken);
        }

        return null;
    }

    private async Task<TurnEnd> FailAsync(WebhookStore store, Webhook hook, int failures, WebhookAttempt attempt, CancellationToken cancellationToken)
    {
        // A message of this batch may have arrived since the failures that the hook was read with.
        var endsAt = (failures > 0 ? hook.FailingSince ?? attempt.At : attempt.At) + options.Value.GiveUpAfter;
        var now = time.GetUtcNow();
        var reason =
            attempt.Status == StatusGone ? "The receiver answered that it is gone for good (status 410)."
            : now >= endsAt ? $"Every attempt has failed since {endsAt - options.Value.GiveUpAfter:u}. {attempt.Error}"
            : null;
        if (reason is not null)
        {
            if (await store.TurnOffAsync(hook, attempt, reason, cancellationToken))
            {
                LogOff(hook.Id, reason);
            }

            return new TurnEnd(IsActive: false);
        }

        // The last attempt is at the end of the time, not a pause before it.
        var next = now + Backoff.After(failures + 1, options.Value.MaxPause);
        next = next < endsAt ? next : endsAt;
        await store.FailAsync(hook, attempt, next, cancellationToken);
        return new TurnEnd(IsActive: true, next);
    }

    [LoggerMessage(LogLevel.Information, "Webhook {Id}: attempt {Attempt} failed: {Error}")]
    private partial void LogFailed(Guid id, int attempt, string error);

    [LoggerMessage(LogLevel.Warning, "Webhook {Id} is turned off: {Reason}")]
    private partial void LogOff(Guid id, string reason);
}
