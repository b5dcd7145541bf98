using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Taproom;

namespace Ingest.Api.Access;

/// <summary>The resource <c>/api/sessions</c>: signing in and out.</summary>
internal static class SessionsApi
{
    /// <summary>Said of a wrong name, a wrong password and a locked name alike, so that nobody learns which it was.</summary>
    private const string Refused =
        "The name or the password is wrong, or there were too many wrong ones: then wait a while, or ask an admin to set a new password.";

    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/sessions").WithTags("Users");
        group
            .MapPost("", PostSession)
            .WithSummary("Signs a user in: a bearer token, shown this once.")
            .Takes("""{"name":"ann","password":"what only ann knows"}""")
            .ProducesProblem(StatusCodes.Status401Unauthorized);
        var own = group.MapGroup("/current").RequireAuthorization(Policies.User);
        own.MapGet("", GetSession).WithSummary("Tells who is signed in with this token.");
        own.MapDelete("", DeleteSession).WithSummary("Signs out: the token ends.");
    }

    private static async Task<Results<Created<NewSession>, ProblemHttpResult>> PostSession(
        SessionPost post,
        SignIns signIns,
        SignInLimit limit,
        AuditTrail audit,
        StorePatience patience,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        using var lease = limit.Take(context.Address());
        if (!lease.IsAcquired)
        {
            return Problems.TooMany(context, lease);
        }

        patience.Add(SignInLimit.Patience);
        if (await signIns.SignInAsync(post.Name, post.Password, cancellationToken) is not var (session, token))
        {
            // Not the name that was tried: people type their password into that field.
            await audit.AddAsync(context, "", StatusCodes.Status401Unauthorized, "Somebody failed to sign in.");
            return Problems.Of(StatusCodes.Status401Unauthorized, Refused);
        }

        await audit.AddAsync(context, session.Name, StatusCodes.Status201Created, "Signed in.");
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created("/api/sessions/current", new NewSession(token, session.Name, session.Role, session.ExpiresAt));
    }

    private static SessionShape GetSession(ClaimsPrincipal caller) =>
        new(caller.Name(), caller.FindFirstValue(ClaimTypes.Role)!, DateTimeOffset.Parse(caller.FindFirstValue(ClaimTypes.Expiration)!, null));

    private static async Task<NoContent> DeleteSession(ClaimsPrincipal caller, SignIns signIns, CancellationToken cancellationToken)
    {
        await signIns.EndAsync(Convert.FromHexString(caller.FindFirstValue(Callers.SessionClaim)!), cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>A session that has just begun.</summary>
    internal sealed record NewSession(string Token, string Name, string Role, DateTimeOffset ExpiresAt);

    /// <summary>Who is signed in.</summary>
    internal sealed record SessionShape(string Name, string Role, DateTimeOffset ExpiresAt);
}

/// <summary>Who wants to sign in.</summary>
/// <param name="Name">A user's name, in any case.</param>
/// <param name="Password">Its password.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SessionPost([property: Text(UserPost.MaxName)] string Name, [property: Password(Min = 1)] string Password);

/// <summary>Asks for a password that is long enough; nothing else makes one better.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PasswordAttribute : ValidationAttribute
{
    private const int MaxLength = 200;

    /// <summary>Fewest UTF-16 characters.</summary>
    public int Min { get; set; } = 10;

    /// <summary>Whether it may be left out.</summary>
    public bool IsOptional { get; set; }

    /// <inheritdoc />
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is string { Length: <= MaxLength } text && text.Length >= Min || (value is null && IsOptional)
            ? ValidationResult.Success
            : new ValidationResult(
                $"The member '{System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(validationContext.MemberName ?? "")}' must have {Min} to {MaxLength} characters.",
                [validationContext.MemberName!]
            );
}
