using System.Globalization;
using System.Security.Claims;

namespace Ingest.Api.Http;

/// <summary>Names of the authorization policies.</summary>
internal static class Policies
{
    /// <summary>Only the admin key.</summary>
    public const string Admin = "admin";

    /// <summary>The admin key, or the token of a tap for what is its own.</summary>
    public const string Pour = "pour";
}

/// <summary>Names of the roles that a bearer token can give.</summary>
internal static class Roles
{
    /// <summary>May do everything.</summary>
    public const string Admin = "admin";

    /// <summary>May report and delete pours of its own tap.</summary>
    public const string Tap = "tap";
}

/// <summary>Asks a caller what it may do.</summary>
internal static class Callers
{
    /// <summary>Type of the claim that holds the id of a tap that calls.</summary>
    public const string TapClaim = "tap";

    /// <summary>Whether the caller may report and delete pours of a tap.</summary>
    public static bool MayPourAt(this ClaimsPrincipal caller, int tapId) =>
        caller.IsInRole(Roles.Admin) || caller.HasClaim(TapClaim, tapId.ToString(CultureInfo.InvariantCulture));
}
