using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Store;
using Taproom.Taps;

namespace Ingest.Api.Http;

/// <summary>Reads <c>Authorization: Bearer &lt;token&gt;</c> (RFC 6750) and tells whose token it is.</summary>
/// <remarks>No token and a wrong one are 401 with a challenge, one that may not do this is 403; a token is never echoed.</remarks>
internal sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    IOptionsMonitor<AdminOptions> admin,
    TapTokens tokens,
    TaproomDb db
) : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, loggers, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public new const string Scheme = "Bearer";

    private const string Prefix = Scheme + " ";

    /// <inheritdoc />
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return AuthenticateResult.NoResult();
        }

        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.Fail("Another scheme than Bearer.");
        }

        var token = header[Prefix.Length..].Trim();
        if (IsAdmin(token))
        {
            return As(Callers.AdminKeyName, Roles.Admin);
        }

        if (token.StartsWith(SessionTokens.Prefix, StringComparison.Ordinal))
        {
            return await db.FindSessionAsync(token, TimeProvider.GetUtcNow(), Context.RequestAborted) is { } session
                ? As(
                    session.Name,
                    session.Role,
                    new Claim(Callers.UserClaim, session.UserId.ToString()),
                    new Claim(Callers.SessionClaim, Convert.ToHexString(session.TokenHash)),
                    new Claim(ClaimTypes.Expiration, session.ExpiresAt.ToString("O", CultureInfo.InvariantCulture))
                )
                : AuthenticateResult.Fail("This session has ended.");
        }

        return TapTokens.TryGetTap(token, out var tapId) && await IsTapAsync(tapId, token)
            ? As(Callers.TapName(tapId), Roles.Tap, new Claim(Callers.TapClaim, tapId.ToString(CultureInfo.InvariantCulture)))
            : AuthenticateResult.Fail("Unknown token.");
    }

    /// <inheritdoc />
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var failed = (await HandleAuthenticateOnceSafeAsync()).Failure is not null;
        Response.Headers.WWWAuthenticate = failed ? "Bearer realm=\"taproom\", error=\"invalid_token\"" : "Bearer realm=\"taproom\"";
        var detail = failed ? "The bearer token is not valid." : "This call needs a bearer token.";
        await Problems.Of(StatusCodes.Status401Unauthorized, detail).ExecuteAsync(Context);
    }

    /// <inheritdoc />
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.Of(StatusCodes.Status403Forbidden, "This bearer token does not allow that.").ExecuteAsync(Context);

    private bool IsAdmin(string token) =>
        // Hashes have one length, so the comparison takes as long for every token.
        admin.CurrentValue.Key
            is { Length: > 0 } key
        && CryptographicOperations.FixedTimeEquals(Hash(token), Hash(key));

    private async Task<bool> IsTapAsync(int tapId, string token)
    {
        try
        {
            if (await tokens.VerifyAsync(tapId, token) is { } known)
            {
                return known;
            }
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // The copy is away; the registry itself can tell as well.
        }

        var kept = await db.Taps.Where(tap => tap.Id == tapId).KeptAsync(Context.RequestAborted);
        return kept.GetValueOrDefault(tapId)?.Match(TapTokens.Hash(token), TimeProvider.GetUtcNow()) ?? false;
    }

    private static AuthenticateResult As(string name, string role, params Claim[] more)
    {
        Claim[] claims = [new(ClaimTypes.Name, name), new(ClaimTypes.Role, role), .. more];
        return AuthenticateResult.Success(new(new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme)), Scheme));
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
