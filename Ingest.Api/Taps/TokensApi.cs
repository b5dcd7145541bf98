using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Ingest.Api.Taps;

/// <summary>The resource <c>/api/taps/{id}/token</c>.</summary>
internal static class TokensApi
{
    public static void MapTokens(this RouteGroupBuilder taps) =>
        taps.MapPost("/{id:int}/token", PostTapToken)
            .WithSummary("Makes a new token, shown this once. The one before stays valid for graceSeconds, an hour where the request does not say.")
            .Takes("""{"graceSeconds":3600}""");

    private static async Task<Results<Ok<TokenShape>, ProblemHttpResult>> PostTapToken(
        int id,
        TokenPost? post,
        TapRegistry registry,
        IOptions<TokenOptions> options,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var grace = post?.GraceSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : options.Value.Grace;
        if (await registry.RenewTokenAsync(id, grace, cancellationToken) is not { } token)
        {
            return Problems.NotFound($"Tap {id}");
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new TokenShape(id, token));
    }

    /// <summary>A token, shown once.</summary>
    internal sealed record TokenShape(int TapId, string Token);
}

/// <summary>How a token is replaced.</summary>
/// <param name="GraceSeconds">How long the token before stays valid.</param>
public sealed record TokenPost(
    [property: Description("How long the token before stays valid; 0 ends it at once, and its connections.")]
    [property: Range(0, TokenOptions.MaxGraceSeconds, ErrorMessage = "The member 'graceSeconds' must be a whole number from 0 to 2592000.")]
        int? GraceSeconds
);
