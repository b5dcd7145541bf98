using Ingest.Api.Lists;
using Microsoft.AspNetCore.Mvc;
using Taproom.Pours;
using Taproom.Reports;

namespace Ingest.Api.Beers;

/// <summary>The filters, order and page of a list of beers, as they stand in the query string.</summary>
internal sealed record BeerQuery(
    string? Type,
    string? Tap,
    string? From,
    string? To,
    string? Sort,
    string? Page,
    [property: FromQuery(Name = "page_size")] string? PageSize,
    string? After
)
{
    /// <summary>Reads it.</summary>
    /// <param name="filter">What to list, or null.</param>
    /// <param name="refusal">Which parameter is wrong and why, or null.</param>
    public bool TryRead(out BeerFilter? filter, out Refusal? refusal)
    {
        filter = null;
        var newestFirst = Sort == "-timestamp";
        if (
            !new ListQuery(Page, PageSize, After).TryRead(newestFirst, out var part, out refusal)
            || !QueryText.TryWhole("tap", Tap, min: 1, out var tap, out refusal)
            || !QueryText.TryTime("from", From, out var from, out refusal)
            || !QueryText.TryTime("to", To, out var to, out refusal)
        )
        {
            return false;
        }

        if (!newestFirst && Sort is not (null or "" or "timestamp"))
        {
            refusal = Refusal.Malformed("sort", "The parameter 'sort' must be '-timestamp' (newest first) or absent.");
            return false;
        }

        filter = new BeerFilter(string.IsNullOrEmpty(Type) ? null : Type, tap, from, to, newestFirst, part);
        return true;
    }
}

/// <summary>What to list.</summary>
/// <param name="Type">Glass type by name, or null for all; an unknown one matches nothing.</param>
/// <param name="Tap">The tap, or null for all.</param>
/// <param name="From">Poured at this time or later.</param>
/// <param name="To">Poured before this time.</param>
/// <param name="NewestFirst">By time, newest first; else in the order of insertion.</param>
/// <param name="Part">Which part of it.</param>
internal sealed record BeerFilter(string? Type, int? Tap, DateTimeOffset? From, DateTimeOffset? To, bool NewestFirst, ListPart Part)
{
    /// <summary>The glass type of <see cref="Type"/>; null when there is no such type.</summary>
    public GlassType? Glass => GlassTypes.Parse(Type);
}
