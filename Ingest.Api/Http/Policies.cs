using System.Globalization;
using System.Security.Claims;

namespace Ingest.Api.Http;

/// <summary>Names of the authorization policies.</summary>
internal static class Policies
{
    /// <summary>The admin key, and users who are admins.</summary>
    public const string Admin = "admin";

    /// <summary>Those, and users who are staff: what the evening at a bar needs.</summary>
    public const string Staff = "staff";

    /// <summary>Any user who has signed in; not the admin key, which has no session.</summary>
    public const string User = "user";

    /// <summary>An admin, or the token of a tap for what is its own.</summary>
    public const string Pour = "pour";
}

/// <summary>Names of the roles that a bearer token can give.</summary>
internal static class Roles
{
    /// <summary>May do everything.</summary>
    public const string Admin = "admin";

    /// <summary>May do what the evening at a bar needs: kegs, commands, calibrations, sales, and say what a pour was for.</summary>
    public const string Staff = "staff";

    /// <summary>May look only.</summary>
    public const string Viewer = "viewer";

    /// <summary>May report and delete pours of its own tap.</summary>
    public const string Tap = "tap";
}

/// <summary>Asks a caller what it may do.</summary>
internal static class Callers
{
    /// <summary>Type of the claim that holds the id of a tap that calls.</summary>
    public const string TapClaim = "tap";

    /// <summary>Type of the claim that holds the id of a user that calls.</summary>
    public const string UserClaim = "user";

    /// <summary>Type of the claim that holds the hash of a user's session, in hex.</summary>
    public const string SessionClaim = "session";

    /// <summary>Name of who calls with the admin key.</summary>
    public const string AdminKeyName = "admin key";

    /// <summary>Whether the caller may report and delete pours of a tap.</summary>
    public static bool MayPourAt(this ClaimsPrincipal caller, int tapId) =>
        caller.IsInRole(Roles.Admin) || caller.HasClaim(TapClaim, tapId.ToString(CultureInfo.InvariantCulture));

    /// <summary>The user that calls; null for the admin key, a tap and nobody.</summary>
    public static Guid? UserId(this ClaimsPrincipal caller) => Guid.TryParse(caller.FindFirstValue(UserClaim), out var id) ? id : null;

    /// <summary>Who calls, for people: a user's name, <c>admin key</c>, <c>tap 7</c>; empty for nobody who is known.</summary>
    public static string Name(this ClaimsPrincipal caller) => caller.FindFirstValue(ClaimTypes.Name) ?? "";

    /// <summary>Name of a tap that calls.</summary>
    public static string TapName(int tapId) => string.Create(CultureInfo.InvariantCulture, $"tap {tapId}");

    /// <summary>From where a request comes; an IPv4 address is written as one, however the socket has it.</summary>
    public static string Address(this HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address ? $"{(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}" : "";
}
