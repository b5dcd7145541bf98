using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Dashboard.Web.Access;

/// <summary>Somebody who has signed in, as the pages know it. Roles are those of Ingest.Api: viewer, staff, admin.</summary>
internal static class Visitors
{
    /// <summary>Role that may look only.</summary>
    public const string Viewer = "viewer";

    /// <summary>Role that may do what an evening at a bar needs.</summary>
    public const string Staff = "staff";

    /// <summary>Role that may do everything.</summary>
    public const string Admin = "admin";

    /// <summary>All of them, from the least to the most.</summary>
    public static IReadOnlyList<string> Roles { get; } = [Viewer, Staff, Admin];

    private const string TokenClaim = "taproom:token";
    private const string AddressClaim = "taproom:address";

    /// <summary>The visitor of a session. Its token stays on the server and in the encrypted cookie.</summary>
    public static ClaimsPrincipal Of(string name, string role, string token) =>
        new(
            new ClaimsIdentity(
                [new(ClaimTypes.Name, name), new(ClaimTypes.Role, role), new(TokenClaim, token)],
                CookieAuthenticationDefaults.AuthenticationScheme
            )
        );

    /// <summary>Whether somebody has signed in.</summary>
    public static bool IsSignedIn(this ClaimsPrincipal visitor) => visitor.Identity?.IsAuthenticated == true;

    /// <summary>The token with which Ingest.Api is called; null for who has not signed in.</summary>
    public static string? Token(this ClaimsPrincipal visitor) => visitor.FindFirstValue(TokenClaim);

    /// <summary>What the visitor may do: viewer, staff or admin.</summary>
    public static string? Role(this ClaimsPrincipal visitor) => visitor.FindFirstValue(ClaimTypes.Role);

    /// <summary>Where the visitor's browser is; null where that is not known.</summary>
    public static IPAddress? Address(this ClaimsPrincipal visitor) =>
        IPAddress.TryParse(visitor.FindFirstValue(AddressClaim), out var address) ? address : null;

    /// <summary>Remembers where the browser is, for calls that no request of it stands behind.</summary>
    public static void AddAddress(this ClaimsPrincipal visitor, IPAddress? address) =>
        (visitor.Identity as ClaimsIdentity)?.AddClaim(new Claim(AddressClaim, $"{address}"));
}
