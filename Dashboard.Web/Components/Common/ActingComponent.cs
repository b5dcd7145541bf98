using Dashboard.Web.Access;

namespace Dashboard.Web.Components.Common;

/// <summary>A component that does something by Ingest.Api for its visitor, and says what became of it.</summary>
public abstract class ActingComponent : AskingComponent
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(5);

    private long _lookedAt;

    /// <summary>What was done last, for the visitor; null when nothing was, or it failed.</summary>
    protected string? Said { get; private protected set; }

    /// <summary>Why that failed; null when it did not.</summary>
    protected string? Fault { get; private protected set; }

    /// <summary>Whether something is being done, so that nobody does it twice.</summary>
    protected bool IsBusy { get; private set; }

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
    /// <param name="call">Begins the call, which goes on when the visitor leaves: what was sent is meant.</param>
    /// <param name="done">What is said when it was done; null for nothing.</param>
    /// <returns>Whether it was done.</returns>
    /// <exception cref="OperationCanceledException">The visitor has left meanwhile, and is to be led nowhere.</exception>
    private protected async Task<bool> DoAsync<T>(Func<Task<ApiAnswer<T>>> call, Func<T?, string?> done)
    {
        // A second click does not wait for the first to be drawn.
        if (IsBusy)
        {
            return false;
        }

        IsBusy = true;
        try
        {
            var answer = await call();
            Leaving.ThrowIfCancellationRequested();
            (Said, Fault) = answer.IsSuccess ? (done(answer.Value), (string?)null) : (null, answer.Problem);
            return answer.IsSuccess;
        }
        finally
        {
            IsBusy = false;
        }
    }

    /// <summary>Writes, where nothing of the answer matters.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path.</param>
    /// <param name="body">What is sent; null for nothing.</param>
    /// <param name="done">What is said when it was done; null for nothing.</param>
    /// <param name="ifMatch">The edition that is to be changed; null for whichever it is.</param>
    /// <returns>Whether it was done.</returns>
    private protected Task<bool> DoAsync(HttpMethod method, string path, object? body, string? done, string? ifMatch = null) =>
        DoAsync(() => Api.SendAsync(method, path, body, ifMatch), _ => done);
}
