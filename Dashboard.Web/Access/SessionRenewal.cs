using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.JSInterop;

namespace Dashboard.Web.Access;

/// <summary>Gives an open page the session of somebody who has signed in again in another tab, so that nothing typed is lost.</summary>
/// <remarks>
/// The page's connection keeps the cookie that it was opened with. So the browser fetches <c>/session</c> with its newer cookie, and hands the
/// page the token encrypted for a minute: script never sees it.
/// </remarks>
internal sealed class SessionRenewal(IJSRuntime js, IDataProtectionProvider keys, SessionCheck sessions, AuthenticationStateProvider authentication)
{
    private const string Purpose = "session renewal";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <summary>Maps what the browser fetches.</summary>
    public static void MapRenewal(IEndpointRouteBuilder routes) => routes.MapGet("/session", GetTicket).AllowAnonymous();

    /// <summary>Takes over the browser's session, when it is another than this one.</summary>
    /// <param name="oldToken">The token that is not valid any more.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The visitor; null when the browser has no other session.</returns>
    public async Task<ClaimsPrincipal?> RenewAsync(string? oldToken, CancellationToken cancellationToken)
    {
        if (authentication is not IHostEnvironmentAuthenticationStateProvider page || await TokenOfBrowserAsync(cancellationToken) is not { } token)
        {
            return null;
        }

        if (token == oldToken || await sessions.FindAsync(token) is not { IsSuccess: true, Value: { } session })
        {
            return null;
        }

        var visitor = Visitors.Of(session.Name, session.Role, token);
        visitor.AddAddress((await authentication.GetAuthenticationStateAsync()).User.Address());
        page.SetAuthenticationState(Task.FromResult(new AuthenticationState(visitor)));
        return visitor;
    }

    private async Task<string?> TokenOfBrowserAsync(CancellationToken cancellationToken)
    {
        try
        {
            var ticket = await js.InvokeAsync<string?>("taproom.session", cancellationToken);
            return string.IsNullOrEmpty(ticket) ? null : Protector(keys).Unprotect(ticket);
        }
        catch (Exception ex) when (ex is JSException or JSDisconnectedException or InvalidOperationException or CryptographicException)
        {
            // No browser stands behind a page that is being made, or it has no answer.
            return null;
        }
    }

    private static IResult GetTicket(HttpContext context, IDataProtectionProvider keys)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.User.Token() is { } token ? Results.Text(Protector(keys).Protect(token, Lifetime)) : Results.NoContent();
    }

    private static ITimeLimitedDataProtector Protector(IDataProtectionProvider keys) => keys.CreateProtector(Purpose).ToTimeLimitedDataProtector();
}
