using System.Net;

namespace Dashboard.Web.Access;

/// <summary>What Ingest.Api answered.</summary>
/// <typeparam name="T">What its body holds.</typeparam>
/// <param name="Status">The HTTP status; null when no answer came.</param>
/// <param name="Value">The body of a success; default when it has none.</param>
/// <param name="ETag">The edition of what was read or written, for <c>If-Match</c>; null when there is none.</param>
/// <param name="Problem">Why it was not done, in a sentence for people; null when it was.</param>
/// <param name="Next">Where a list goes on, as a path for the next call; null at its end.</param>
internal sealed record ApiAnswer<T>(HttpStatusCode? Status, T? Value, string? ETag, string? Problem, string? Next)
{
    /// <summary>Whether it was done.</summary>
    public bool IsSuccess => Problem is null;

    /// <summary>Whether nobody is signed in any more.</summary>
    public bool HasEnded => Status is HttpStatusCode.Unauthorized;
}
