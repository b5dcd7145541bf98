using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Ingest.Api.Answers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Taproom.Reports;

namespace Ingest.Api.Taps;

/// <summary>The resource <c>/api/taps/{id}/token</c>.</summary>
internal static class TokensApi
{
    /// <summary>Maps the resource below that of the taps, for admins.</summary>
    public static void MapTokens(this RouteGroupBuilder taps) =>
        taps.MapPost("/{id:int}/token", PostToken)
            .WithName("PostTapToken")
            .WithSummary("Makes a new token, shown this once. The one before stays valid for graceSeconds, an hour where the request does not say.")
            .Takes(typeof(TokenPost), """{"graceSeconds":3600}""")
            .ProducesProblem(404)
            .AddOpenApiOperationTransformer(
                (operation, _, _) =>
                {
                    ((OpenApiRequestBody)operation.RequestBody!).Required = false;
                    return Task.CompletedTask;
                }
            );

    private static async Task<Results<Ok<TokenShape>, ProblemHttpResult>> PostToken(
        int id,
        TapRegistry registry,
        IOptions<TokenOptions> options,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var body = await context.Request.ReadAllAsync(cancellationToken);
        var grace = options.Value.Grace;
        if (body.Length > 0 && !TokenPost.TryRead(body, ref grace, out var refusal))
        {
            return Problems.Of(refusal);
        }

        if (await registry.RenewTokenAsync(id, grace, cancellationToken) is not { } token)
        {
            return Problems.NotFound($"Tap {id}");
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new TokenShape(id, token));
    }

    private sealed record TokenPost(
        [property: Description("How long the token before stays valid; 0 ends it at once, and its connections.")] int? GraceSeconds
    )
    {
        public static bool TryRead(ReadOnlyMemory<byte> body, ref TimeSpan grace, [NotNullWhen(false)] out Refusal? refusal)
        {
            if (!StrictJson.TryParseObject(body, out var document, out refusal))
            {
                return false;
            }

            using (document)
            {
                if (!document.RootElement.TryGetMember("graceSeconds", out var member))
                {
                    return true;
                }

                if (
                    member.ValueKind is JsonValueKind.Number
                    && member.TryGetInt32(out var seconds)
                    && seconds >= 0
                    && seconds <= TokenOptions.MaxGrace.TotalSeconds
                )
                {
                    grace = TimeSpan.FromSeconds(seconds);
                    return true;
                }
            }

            refusal = Refusal.Malformed(
                "graceSeconds",
                $"The member 'graceSeconds' must be a whole number from 0 to {TokenOptions.MaxGrace.TotalSeconds}."
            );
            return false;
        }
    }

    /// <summary>A token, shown once.</summary>
    private sealed record TokenShape(int TapId, string Token);
}
