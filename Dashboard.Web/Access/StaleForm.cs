using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Endpoints;

namespace Dashboard.Web.Access;

/// <summary>A form that came with an antiforgery token which is not valid any more: its page was open for long, or since somebody else signed in.</summary>
/// <param name="Name">What was typed as the name, if anything.</param>
internal sealed record StaleForm(string? Name)
{
    private const int LongestName = 60;

    /// <summary>Shows the page of such a form again, which says so, and does nothing that the form asked for.</summary>
    public static async Task ShowAgainAsync(HttpContext context, RequestDelegate next)
    {
        if (
            context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false }
            && context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null
        )
        {
            // A form is not to be read then; what was typed as the name is shown again, and nothing is done with it.
            context.Features.Set<IAntiforgeryValidationFeature>(null);
            var name = context.Request.HasFormContentType
                ? (await context.Request.ReadFormAsync(context.RequestAborted))["Form.Name"].ToString()
                : "";
            context.Features.Set(new StaleForm(name.Length <= LongestName ? name : null));
            context.Request.Method = HttpMethods.Get;
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }

        await next(context);
    }
}
