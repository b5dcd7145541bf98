using System.Globalization;
using System.Text.Json;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Taproom.Reports;

namespace Ingest.Api.Http;

/// <summary>Problem documents (RFC 9457).</summary>
internal static class Problems
{
    /// <summary>Said when a store is away and nothing was done.</summary>
    public const string Away = "The store cannot be reached at the moment; try again shortly.";

    private const string AwayForWrite =
        "The store does not answer at the moment, so whether this was done is not known; try again shortly, with the same id where there is one.";

    /// <summary>Seconds after which a caller may try again what Redis or Postgres could not take.</summary>
    private const int RetryAfterSeconds = 2;

    /// <summary>A problem of the request, or of one member or parameter of it, which is named in <c>errors</c>.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">One sentence for the caller; null for the usual words for this status.</param>
    /// <param name="member">The member or parameter at fault, or null.</param>
    public static ProblemHttpResult Of(int status, string? detail = null, string? member = null)
    {
        var problem = new ProblemDetails { Status = status, Detail = detail };
        if (member is not null)
        {
            problem.Extensions["errors"] = new Dictionary<string, string?[]> { [member] = [detail] };
        }

        return TypedResults.Problem(problem);
    }

    /// <summary>A refusal of an input.</summary>
    public static ProblemHttpResult Of(Refusal refusal) => Of(refusal.Status, refusal.Reason, refusal.Member);

    /// <summary>There is no such thing.</summary>
    /// <param name="what">What is missing, as the subject of a sentence.</param>
    public static ProblemHttpResult NotFound(string what) => Of(StatusCodes.Status404NotFound, $"{what} does not exist.");

    /// <summary>What is said where no endpoint has said anything.</summary>
    public static string DetailOf(int status) =>
        status switch
        {
            StatusCodes.Status404NotFound => "There is nothing at this address.",
            StatusCodes.Status405MethodNotAllowed => "This address does not know that method; see the header Allow.",
            StatusCodes.Status413PayloadTooLarge => "The body is too large.",
            StatusCodes.Status429TooManyRequests => "Too many requests; see the header Retry-After.",
            _ => ReasonPhrases.GetReasonPhrase(status) + ".",
        };

    /// <summary>Why a body that is valid JSON cannot be read as what it should be.</summary>
    public static Refusal Mistyped(JsonException exception) =>
        exception.Path is ['$', '.', .. var path] && path.Split('.', '[')[0] is var member
            ? Refusal.Malformed(
                member,
                    // The message alone tells them apart.
                    exception.Message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal)
                        ? $"The member '{member}' is not known."
                    : exception.Message == UtcTimeConverter.Wrong ? $"The member '{member}' must be {UtcTimeConverter.Wrong}."
                    : $"The member '{member}' has the wrong type or is out of range."
            )
            : Refusal.Malformed(null, "The body must be a JSON object.");

    /// <summary>Whoever calls asks too often; tells when to come again.</summary>
    public static ProblemHttpResult TooMany(HttpContext context, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Of(StatusCodes.Status429TooManyRequests);
    }

    /// <summary>Redis or Postgres does not answer; of a write it is not known whether it was done before the answer was lost.</summary>
    public static ProblemHttpResult Unavailable(HttpContext context) =>
        Unavailable(context, HttpMethods.IsGet(context.Request.Method) ? Away : AwayForWrite);

    /// <summary>Redis, Postgres or room in the stream is missing; tells when to come again.</summary>
    public static ProblemHttpResult Unavailable(HttpContext context, string detail)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Of(StatusCodes.Status503ServiceUnavailable, detail);
    }
}
