using Dashboard.Web.Access;
using Microsoft.AspNetCore.Components;
using Npgsql;

namespace Dashboard.Web.Components.Common;

/// <summary>A component that asks Postgres or Ingest.Api for what the board does not know, until its visitor leaves.</summary>
/// <remarks>What is cancelled when the visitor leaves needs no catch: Blazor takes no notice of a handler that was cancelled.</remarks>
public abstract partial class AskingComponent : LiveComponent, IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private object? _about;
    private long _askedAt;

    /// <summary>Begins when the visitor comes.</summary>
    // Taken here, because what still runs when the visitor has left asks for it too, and the source is gone by then.
    protected AskingComponent() => Leaving = _leaving.Token;

    /// <summary>Cancelled when the visitor leaves.</summary>
    protected CancellationToken Leaving { get; }

    /// <summary>Why the newest answer cannot be shown, for the visitor; null when it can.</summary>
    protected string? Problem { get; private protected set; }

    [Inject]
    private protected TaproomApi Api { get; set; } = null!;

    [Inject]
    private protected TimeProvider Time { get; set; } = null!;

    [Inject]
    private protected ILogger<AskingComponent> Logger { get; set; } = null!;

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Whether to ask now: for the first time, about something else than before, or because the last answer is old.</summary>
    /// <param name="about">What is asked about; an answer about anything else is not shown any more.</param>
    /// <param name="period">How long an answer holds; null for as long as it is asked about the same.</param>
    /// <param name="needsClock">Whether the visitor's clock has to be known, which it is once the page is open.</param>
    private protected bool ShouldAsk(object about, TimeSpan? period = null, bool needsClock = true)
    {
        if ((needsClock && Visit.OpenedAt is null) || (about.Equals(_about) && (period is null || Time.GetElapsedTime(_askedAt) < period)))
        {
            return false;
        }

        (_about, _askedAt) = (about, Time.GetTimestamp());
        return true;
    }

    /// <summary>Asks Postgres.</summary>
    /// <param name="read">Reads.</param>
    /// <param name="show">Takes what was read.</param>
    /// <param name="away">What the visitor is told where Postgres does not answer.</param>
    /// <returns>Whether it is shown.</returns>
    private protected async Task<bool> QueryAsync<T>(Func<Task<T>> read, Action<T> show, string away)
    {
        var about = _about;
        try
        {
            var found = await read();
            if (!Equals(about, _about))
            {
                return false;
            }

            Problem = null;
            show(found);
            return true;
        }
        catch (Exception ex) when (ex is NpgsqlException or TimeoutException or InvalidOperationException { InnerException: NpgsqlException })
        {
            LogAway(Logger, ex, GetType().Name);
            Problem = away;
            return false;
        }
    }

    /// <summary>Asks Ingest.Api.</summary>
    /// <param name="path">Path and query.</param>
    /// <param name="show">Takes the answer, that of a refusal too, once <see cref="Problem"/> tells of it.</param>
    private protected async Task AskAsync<T>(string path, Action<ApiAnswer<T>> show)
    {
        var about = _about;
        var answer = await Api.GetAsync<T>(path, Leaving);
        if (Equals(about, _about))
        {
            Problem = answer.Problem;
            show(answer);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Postgres does not answer what {Component} asks.")]
    private static partial void LogAway(ILogger logger, Exception exception, string component);
}
