using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Access;

/// <summary>Addresses of the page to sign in.</summary>
internal static class SignInLink
{
    /// <summary>Signs in and comes back to the page that is open.</summary>
    public static string To(NavigationManager navigation) =>
        $"sign-in?ReturnUrl={Uri.EscapeDataString("/" + navigation.ToBaseRelativePath(navigation.Uri).Split('#')[0])}";

    /// <summary>The address to come back to, when it is one of this site; else the first page.</summary>
    public static string Back(string? returnUrl) => returnUrl is ['/', not ('/' or '\\'), ..] && !returnUrl.Any(char.IsControl) ? returnUrl : "/";
}
