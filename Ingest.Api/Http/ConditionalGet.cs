using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Ingest.Api.Http;

/// <summary>Gives every JSON answer to a GET an <c>ETag</c> of its bytes, and answers 304 to who has them already.</summary>
/// <remarks>Answers are bounded, so they fit in memory; one that streams opts out with <see cref="Unbuffered"/>.</remarks>
internal sealed class ConditionalGet(RequestDelegate next)
{
    /// <summary>Marks an endpoint whose answer has no bound.</summary>
    public sealed class Unbuffered;

    /// <summary>Runs the request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        if (
            !HttpMethods.IsGet(context.Request.Method)
            || !context.Request.Path.StartsWithSegments("/api")
            || context.GetEndpoint() is not { } endpoint
            || endpoint.Metadata.GetMetadata<Unbuffered>() is not null
        )
        {
            await next(context);
            return;
        }

        var response = context.Response;
        var body = response.Body;
        using var buffer = new MemoryStream();
        response.Body = buffer;
        try
        {
            await next(context);
        }
        finally
        {
            response.Body = body;
        }

        if (response.StatusCode == StatusCodes.Status200OK)
        {
            var hash = SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
            var etag = new EntityTagHeaderValue(Editions.TagOf(context, Convert.ToHexStringLower(hash.AsSpan(0, 16))));
            response.GetTypedHeaders().ETag = etag;
            response.Headers.CacheControl = "no-cache";
            if (
                context
                    .Request.GetTypedHeaders()
                    .IfNoneMatch.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(etag, useStrongComparison: false))
            )
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                response.ContentType = null;
                response.ContentLength = null;
                return;
            }
        }

        if (buffer.Length == 0)
        {
            // Left as it is, so that the status gets its problem document.
            return;
        }

        buffer.Position = 0;
        response.ContentLength = buffer.Length;
        await buffer.CopyToAsync(body, context.RequestAborted);
    }
}
