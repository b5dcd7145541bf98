namespace Ingest.Api.Answers;

/// <summary>Answers HEAD wherever GET is answered (RFC 9110, section 9.3.2): the same header fields, no body.</summary>
internal static class HeadRequests
{
    private static readonly object Mark = new();

    /// <summary>Routes HEAD as GET; the server itself lets no body of an answer to HEAD through. Goes before routing.</summary>
    public static void UseHeadAsGet(this WebApplication app) => app.Use(RouteAsGet);

    /// <summary>Whether only the header fields are asked for, so that a long body need not be made.</summary>
    public static bool IsHead(this HttpContext context) => context.Items.ContainsKey(Mark);

    private static Task RouteAsGet(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Items[Mark] = true;
            context.Request.Method = HttpMethods.Get;
        }

        context.Response.OnStarting(static state => AllowHead((HttpResponse)state), context.Response);
        return next(context);
    }

    // Routing names the methods that endpoints name.
    private static Task AllowHead(HttpResponse response)
    {
        var allow = response.Headers.Allow;
        if (response.StatusCode == StatusCodes.Status405MethodNotAllowed && allow.ToString().Contains(HttpMethods.Get, StringComparison.Ordinal))
        {
            response.Headers.Allow = $"{allow}, {HttpMethods.Head}";
        }

        return Task.CompletedTask;
    }
}
