using Dashboard.Web.Access;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Components.Common;

/// <summary>A page that does something by Ingest.Api for its visitor, and says what became of it.</summary>
public abstract class ActingComponent : LiveComponent, IDisposable
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _leaving = new();
    private long _lookedAt;

    /// <summary>What was done last, for the visitor; null when nothing was, or it failed.</summary>
    protected string? Said { get; private set; }

    /// <summary>Why that failed; null when it did not.</summary>
    protected string? Fault { get; private set; }

    /// <summary>Whether something is being done, so that nobody does it twice.</summary>
    protected bool IsBusy { get; private set; }

    /// <summary>Cancelled when the visitor leaves.</summary>
    protected CancellationToken Leaving => _leaving.Token;

    [Inject]
    private protected TaproomApi Api { get; set; } = null!;

    [Inject]
    private protected TimeProvider Time { get; set; } = null!;

    /// <inheritdoc />
    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Whether a list that is shown should be looked at again: every five seconds, while nothing is being done.</summary>
    /// <remarks>Asked whenever the page is drawn, which is once a second while it is open and never after that.</remarks>
    private protected bool ShouldLook()
    {
        if (IsBusy || Time.GetElapsedTime(_lookedAt) < LookPeriod)
        {
            return false;
        }

        Looked();
        return true;
    }

    /// <summary>It was looked at just now.</summary>
    private protected void Looked() => _lookedAt = Time.GetTimestamp();

    /// <summary>Calls the API once, and keeps what is said of it.</summary>
    /// <param name="call">Begins the call.</param>
    /// <param name="done">What is said when it was done.</param>
    /// <returns>Whether it was done.</returns>
    private protected async Task<bool> DoAsync<T>(Func<Task<ApiAnswer<T>>> call, Func<T?, string> done)
    {
        if (IsBusy)
        {
            return false;
        }

        IsBusy = true;
        try
        {
            var answer = await call();
            (Said, Fault) = answer.IsSuccess ? (done(answer.Value), (string?)null) : (null, answer.Problem);
            return answer.IsSuccess;
        }
        finally
        {
            IsBusy = false;
        }
    }
}
