using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace Ingest.Api.Http;

/// <summary>Which part of a list: the part after a cursor, or the page of a number.</summary>
/// <typeparam name="TCursor">What the <c>Link</c> headers of the list give as a cursor.</typeparam>
public sealed class ListQuery<TCursor> : IValidatableObject
    where TCursor : IParsable<TCursor>
{
    /// <summary>Most items of one answer.</summary>
    internal const int MaxSize = 500;

    private const int DefaultSize = 50;
    private const int MaxCharacters = 1_000_000;

    [FromQuery(Name = "page")]
    [Description("The page, from 1; not together with 'after'.")]
    [Range(1, int.MaxValue, ErrorMessage = "The parameter 'page' must be a whole number, 1 or more.")]
    public int? Page { get; init; }

    [FromQuery(Name = "page_size")]
    [Description("Most items of the answer.")]
    [Range(1, MaxSize, ErrorMessage = "The parameter 'page_size' must be a whole number, 1 to 500.")]
    public int? PageSize { get; init; }

    [FromQuery(Name = "after")]
    [Description("Where the list goes on: what the Link header of the page before says.")]
    public string? After { get; init; }

    /// <summary>The request and its answer.</summary>
    public required HttpContext Context { get; init; }

    /// <summary>Most items of the answer.</summary>
    internal int Size => PageSize ?? DefaultSize;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (After is not null && !TCursor.TryParse(After, CultureInfo.InvariantCulture, out _))
        {
            yield return new ValidationResult("The parameter 'after' is not one that a Link header of this list gave.", ["after"]);
        }

        if (After is not null && Page is not null)
        {
            yield return new ValidationResult("The parameters 'page' and 'after' cannot go together.", ["page"]);
        }
    }

    /// <summary>The cursor that was given.</summary>
    /// <param name="start">The cursor where none was.</param>
    [return: NotNullIfNotNull(nameof(start))]
    internal TCursor AfterOr(TCursor start) => TCursor.TryParse(After, CultureInfo.InvariantCulture, out var cursor) ? cursor : start;

    /// <summary>Reads the page from what comes after the cursor, and links to the next page where there is one.</summary>
    /// <param name="ordered">What comes after the cursor.</param>
    /// <param name="cursor">The cursor of a row.</param>
    /// <param name="length">Characters of a row, where they have no small bound: the page ends before it has more than a million.</param>
    internal async Task<IReadOnlyList<T>> ReadAsync<T>(IQueryable<T> ordered, Func<T, TCursor> cursor, Func<T, int>? length = null)
    {
        var skipped = ((Page ?? 1) - 1L) * Size;
        var (found, characters) = (new List<T>(), 0);
        // One more than the page, which tells that there are more.
        var rows = ordered.Skip((int)Math.Min(skipped, int.MaxValue)).Take(Size + 1).AsAsyncEnumerable();
        await foreach (var row in rows.WithCancellation(Context.RequestAborted))
        {
            characters += length?.Invoke(row) ?? 0;
            if (found.Count == Size || (found.Count > 0 && characters > MaxCharacters))
            {
                LinkNext(string.Create(CultureInfo.InvariantCulture, $"{cursor(found[^1])}"));
                break;
            }

            found.Add(row);
        }

        return found;
    }

    /// <summary>Tells in a <c>Link</c> header where the list goes on.</summary>
    internal void LinkNext(string cursor) => NextLink.Add(Context, cursor);
}
