using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Taproom.Reports;

namespace Ingest.Api.Http;

/// <summary>What holds for every request before its endpoint reads it, beyond what the framework's binding asks for.</summary>
internal static class RequestRules
{
    /// <summary>
    /// Refuses an address whose text no store can take (U+0000, half a surrogate pair) by the name of the parameter, drops empty
    /// parameters, which count as absent, routes HEAD as GET (RFC 9110, 9.3.2), and takes every body for JSON, whatever its
    /// <c>Content-Type</c> says. Goes before routing.
    /// </summary>
    public static Task CheckAddressAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (FindBadText(context) is { } name)
        {
            return Problems
                .Of(StatusCodes.Status400BadRequest, $"The text of '{name}' must be UTF-8 without the character U+0000.", name)
                .ExecuteAsync(context);
        }

        if (request.Query.Any(parameter => string.IsNullOrEmpty(parameter.Value)))
        {
            request.QueryString = QueryString.Create(request.Query.Where(parameter => !string.IsNullOrEmpty(parameter.Value)));
        }

        if (HttpMethods.IsHead(request.Method))
        {
            context.Features.Set(new HeadRequest());
            request.Method = HttpMethods.Get;
        }
        else if (!HttpMethods.IsGet(request.Method))
        {
            request.ContentType = "application/json";
        }

        context.Response.OnStarting(static state => AllowHead((HttpResponse)state), context.Response);
        return next(context);
    }

    /// <summary>
    /// Reads the body, which a slow sender may take its time for, and checks the JSON of bodies that the framework binds: valid UTF-8, no
    /// half surrogate pairs, no repeated members, no number that a double cannot hold. Goes after authorization.
    /// </summary>
    public static async Task CheckBodyAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (context.GetEndpoint() is { } endpoint && !HttpMethods.IsGet(request.Method))
        {
            var buffer = new MemoryStream();
            await context.RequestServices.GetRequiredService<StorePatience>().ExcuseAsync(request.Body.CopyToAsync(buffer, context.RequestAborted));
            buffer.Position = 0;
            request.Body = buffer;
            if (buffer.Length > 0 && endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null)
            {
                if (!StrictJson.TryParse(request.Bytes(), out var document, out var refusal))
                {
                    await Problems.Of(refusal).ExecuteAsync(context);
                    return;
                }

                document.Dispose();
            }
        }

        await next(context);
    }

    /// <summary>The whole body, once <see cref="CheckBodyAsync"/> has read it.</summary>
    public static ReadOnlyMemory<byte> Bytes(this HttpRequest request) =>
        request.Body is MemoryStream body ? body.GetBuffer().AsMemory(0, (int)body.Length) : default;

    /// <summary>Names of the members of a body that is an object: one that is null is not one that is left out.</summary>
    public static HashSet<string> Members(this HttpRequest request)
    {
        using var body = JsonDocument.Parse(request.Bytes());
        return [.. body.RootElement.EnumerateObject().Select(member => member.Name)];
    }

    /// <summary>Whether only the header fields are asked for, so that a long body need not be made.</summary>
    public static bool IsHead(this HttpContext context) => context.Features.Get<HeadRequest>() is not null;

    private static string? FindBadText(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (!IsText(target.Split('?')[0]))
        {
            return "path";
        }

        foreach (var parameter in new QueryStringEnumerable(context.Request.QueryString.Value))
        {
            if (!IsText(parameter.EncodedName.Span) || !IsText(parameter.EncodedValue.Span))
            {
                return parameter.DecodeName().ToString();
            }
        }

        return null;
    }

    private static bool IsText(ReadOnlySpan<char> encoded)
    {
        if (!encoded.Contains('%'))
        {
            return true;
        }

        var utf8 = Encoding.UTF8.GetBytes(encoded.ToArray());
        var text = WebUtility.UrlDecodeToBytes(utf8, 0, utf8.Length);
        return Utf8.IsValid(text) && !text.Contains((byte)0);
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

    private sealed class HeadRequest;
}
