using Microsoft.AspNetCore.Mvc;
using Taproom.Reports;

namespace Ingest.Api.Lists;

/// <summary>Which part of a list, as it stands in the query string.</summary>
internal sealed record ListQuery(string? Page, [property: FromQuery(Name = "page_size")] string? PageSize, string? After)
{
    /// <summary>Reads it for a list whose cursor is a sequence number, or a sequence number and a time.</summary>
    public bool TryRead(bool byTime, out ListPart part, out Refusal? refusal)
    {
        part = default;
        if (!ListPage.TryRead(Page, PageSize, After, out var page, out refusal))
        {
            return false;
        }

        TimeCursor? after = null;
        if (page.After is not null)
        {
            if (!TimeCursor.TryParse(page.After, byTime, out var cursor))
            {
                refusal = Refusal.Malformed("after", "The parameter 'after' is not one that a Link header of this list gave.");
                return false;
            }

            after = cursor;
        }

        part = new ListPart(page, after);
        return true;
    }
}

/// <summary>Which part of a list.</summary>
/// <param name="Page">Its size, and how much to skip.</param>
/// <param name="After">Where it begins, or null for the start.</param>
internal readonly record struct ListPart(ListPage Page, TimeCursor? After)
{
    /// <summary>Takes the part of an ordered list that begins after the cursor, and one more, which tells that there are more.</summary>
    public IQueryable<T> Of<T>(IQueryable<T> ordered) => ordered.Skip((int)Math.Min(Page.Offset, int.MaxValue)).Take(Page.Size + 1);

    /// <summary>Cuts what <see cref="Of"/> found to the size of the page, and links to the next page where there is one.</summary>
    /// <param name="found">The rows.</param>
    /// <param name="context">The request and its answer.</param>
    /// <param name="cursor">The cursor of a row.</param>
    public IEnumerable<T> Cut<T>(IReadOnlyList<T> found, HttpContext context, Func<T, string> cursor)
    {
        if (found.Count > Page.Size)
        {
            ListPage.LinkNext(context, cursor(found[Page.Size - 1]));
        }

        return found.Take(Page.Size);
    }
}
