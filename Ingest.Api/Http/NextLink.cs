using Microsoft.AspNetCore.Http.Extensions;

namespace Ingest.Api.Http;

/// <summary>Tells in a <c>Link</c> header (RFC 8288) where an answer goes on.</summary>
internal static class NextLink
{
    /// <summary>Adds it: this request's address with another cursor.</summary>
    public static void Add(HttpContext context, string cursor)
    {
        var request = context.Request;
        var query = new QueryBuilder(
            request
                .Query.Where(parameter => parameter.Key is not ("page" or "after"))
                .SelectMany(parameter => parameter.Value, (parameter, value) => KeyValuePair.Create(parameter.Key, value ?? ""))
        )
        {
            { "after", cursor },
        };
        context.Response.Headers.Link = $"<{request.PathBase}{request.Path}{query}>; rel=\"next\"";
    }
}
