using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Dashboard.Web.Access;

/// <summary>A visitor with a cookie that cannot be read now, because the keys are not read yet: nobody knows who that is.</summary>
/// <remarks>
/// Such a visitor sees what everybody may see. What needs signing in answers 503 with a page that asks again by itself, and not with the page to
/// sign in; the cookie stays.
/// </remarks>
internal static class UnknownVisitor
{
    /// <summary>Notes such a visitor, before anybody reads the cookie: it would look like a wrong one.</summary>
    public static async Task NoteAsync(HttpContext context, RequestDelegate next)
    {
        if (
            context.Request.Cookies.ContainsKey(AccessExtensions.SessionCookie)
            && !await context.RequestServices.GetRequiredService<SharedKeys>().AreReadAsync()
        )
        {
            context.Items[typeof(UnknownVisitor)] = true;
        }

        await next(context);
    }

    /// <summary>Has such a visitor try again, where somebody else is led to the page to sign in.</summary>
    /// <param name="signIn">Leads there.</param>
    public static Func<RedirectContext<CookieAuthenticationOptions>, Task> OrTo(Func<RedirectContext<CookieAuthenticationOptions>, Task> signIn) =>
        context =>
        {
            if (!context.HttpContext.Items.ContainsKey(typeof(UnknownVisitor)))
            {
                return signIn(context);
            }

            // A form is not taken then; the page that is shown in its place is one to be read.
            context.Request.Method = HttpMethods.IsPost(context.Request.Method) ? HttpMethods.Get : context.Request.Method;
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            var seconds = SharedKeys.Pause.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            (context.Response.Headers.RetryAfter, context.Response.Headers["Refresh"]) = (seconds, seconds);
            return Task.CompletedTask;
        };
}
