namespace Taproom.Api.Access;

/// <summary>Names of the authorization policies.</summary>
internal static class Policies
{
    /// <summary>Only the admin key.</summary>
    public const string Admin = "admin";
}

/// <summary>Names of the roles that a bearer token can give.</summary>
internal static class Roles
{
    /// <summary>May do everything.</summary>
    public const string Admin = "admin";
}
