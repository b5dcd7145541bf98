using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.Extensions;
using Taproom.Reports;

namespace Ingest.Api.Lists;

/// <summary>A bounded part of a list: the part after a cursor, or the page of a number.</summary>
/// <param name="Number">Page number from 1; 1 when <paramref name="After"/> is given.</param>
/// <param name="Size">Most items, 1 to <see cref="MaxSize"/>.</param>
/// <param name="After">The cursor that a <c>Link</c> header gave, or null.</param>
internal sealed record ListPage(int Number, int Size, string? After)
{
    /// <summary>Most items of one answer.</summary>
    public const int MaxSize = 500;

    private const int DefaultSize = 50;

    /// <summary>Items before this page; by cursor none, because the cursor skips them without counting.</summary>
    public long Offset => (Number - 1L) * Size;

    /// <summary>Reads the parameters <c>page</c>, <c>page_size</c> and <c>after</c>.</summary>
    public static bool TryRead(string? page, string? pageSize, string? after, [NotNullWhen(true)] out ListPage? read, out Refusal? refusal)
    {
        read = null;
        if (
            !QueryText.TryWhole("page", page, min: 1, out var number, out refusal)
            || !QueryText.TryWhole("page_size", pageSize, min: 1, out var size, out refusal, MaxSize)
        )
        {
            return false;
        }

        after = string.IsNullOrEmpty(after) ? null : after;
        if (after is not null && number is not null)
        {
            refusal = Refusal.Malformed("page", "The parameters 'page' and 'after' cannot go together.");
            return false;
        }

        read = new ListPage(number ?? 1, size ?? DefaultSize, after);
        return true;
    }

    /// <summary>Tells in a <c>Link</c> header (RFC 8288) where the list goes on: this request's address with another cursor.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="next">The cursor after the last item.</param>
    public static void LinkNext(HttpContext context, string next)
    {
        var query = new QueryBuilder(
            context
                .Request.Query.Where(parameter => parameter.Key is not ("page" or "after"))
                .SelectMany(parameter => parameter.Value, (parameter, value) => KeyValuePair.Create(parameter.Key, value ?? ""))
        )
        {
            { "after", next },
        };
        context.Response.Headers.Link = $"<{context.Request.PathBase}{context.Request.Path}{query}>; rel=\"next\"";
    }
}
