using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Taproom.Reports;

namespace Ingest.Api.Answers;

/// <summary>Problem documents (RFC 9457), written whatever the caller accepts: an error is never HTML and never empty.</summary>
internal static class Problems
{
    /// <summary>Seconds after which a caller may try again what Redis or Postgres could not take.</summary>
    public const int RetryAfterSeconds = 2;

    /// <summary>Said when a store is away and nothing was done.</summary>
    public const string Away = "The store cannot be reached at the moment; try again shortly.";

    private const string AwayForWrite =
        "The store does not answer at the moment, so whether this was done is not known; try again shortly, with the same id where there is one.";

    /// <summary>A problem of the request as a whole.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">One sentence for the caller.</param>
    public static ProblemHttpResult Of(int status, string detail) => Of(status, detail, member: null);

    /// <summary>A problem of one member or parameter, named in <c>errors</c>.</summary>
    public static ProblemHttpResult Of(int status, string detail, string? member)
    {
        var problem = new ProblemDetails
        {
            Status = status,
            Title = ReasonPhrases.GetReasonPhrase(status),
            Detail = detail,
        };
        if (member is not null)
        {
            problem.Extensions["errors"] = new Dictionary<string, string[]> { [member] = [detail] };
        }

        return TypedResults.Problem(problem);
    }

    /// <summary>A refusal of an input.</summary>
    public static ProblemHttpResult Of(Refusal refusal) => Of(refusal.Status, refusal.Reason, refusal.Member);

    /// <summary>There is no such thing.</summary>
    /// <param name="what">What is missing, as the subject of a sentence.</param>
    public static ProblemHttpResult NotFound(string what) => Of(StatusCodes.Status404NotFound, $"{what} does not exist.");

    /// <summary>What the server says where no endpoint has said anything.</summary>
    public static ProblemHttpResult Bare(int status) =>
        Of(
            status,
            status switch
            {
                StatusCodes.Status404NotFound => "There is nothing at this address.",
                StatusCodes.Status405MethodNotAllowed => "This address does not know that method; see the header Allow.",
                StatusCodes.Status413PayloadTooLarge => "The body is too large.",
                StatusCodes.Status415UnsupportedMediaType => "The body must be JSON.",
                StatusCodes.Status429TooManyRequests => "Too many requests; see the header Retry-After.",
                _ => ReasonPhrases.GetReasonPhrase(status) + ".",
            }
        );

    /// <summary>What is said of a store that is away: of a write also that it may have been done, all of it, before the answer was lost.</summary>
    public static string AwayFor(HttpRequest request) => HttpMethods.IsGet(request.Method) ? Away : AwayForWrite;

    /// <summary>Redis, Postgres or room in the stream is missing; tells when to come again.</summary>
    public static ProblemHttpResult Unavailable(HttpContext context, string detail)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Of(StatusCodes.Status503ServiceUnavailable, detail);
    }
}
