using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Taproom.Api.Lists;
using Taproom.Json;
using Taproom.Pours;

namespace Taproom.Api.Beers;

/// <summary>The filters, order and page of a list of beers, as they stand in the query string.</summary>
internal sealed record BeerQuery(
    string? Type,
    string? Tap,
    string? From,
    string? To,
    string? Sort,
    string? Page,
    [property: FromQuery(Name = "page_size")] string? PageSize,
    string? After)
{
    /// <summary>Reads it.</summary>
    /// <param name="filter">What to list, or null.</param>
    /// <param name="refusal">Which parameter is wrong and why, or null.</param>
    public bool TryRead(out BeerFilter? filter, out Refusal? refusal)
    {
        filter = null;
        if (!ListPage.TryRead(Page, PageSize, After, out var page, out refusal)
            || !QueryText.TryWhole("tap", Tap, min: 1, out var tap, out refusal)
            || !QueryText.TryTime("from", From, out var from, out refusal)
            || !QueryText.TryTime("to", To, out var to, out refusal))
        {
            return false;
        }

        if (Sort is not (null or "" or "timestamp" or "-timestamp"))
        {
            refusal = Refusal.Malformed("sort", "The parameter 'sort' must be '-timestamp' (newest first) or absent.");
            return false;
        }

        var newestFirst = Sort == "-timestamp";
        if (page.After is not null && !BeerCursor.TryParse(page.After, newestFirst, out _))
        {
            refusal = Refusal.Malformed("after", "The parameter 'after' is not one that a Link header of this list gave.");
            return false;
        }

        filter = new BeerFilter(string.IsNullOrEmpty(Type) ? null : Type, tap, from, to, newestFirst, page);
        return true;
    }
}

/// <summary>What to list.</summary>
/// <param name="Type">Glass type by name, or null for all; an unknown one matches nothing.</param>
/// <param name="Tap">The tap, or null for all.</param>
/// <param name="From">Poured at this time or later.</param>
/// <param name="To">Poured before this time.</param>
/// <param name="NewestFirst">By time, newest first; else in the order of insertion.</param>
/// <param name="Page">Which part of it.</param>
internal sealed record BeerFilter(
    string? Type, int? Tap, DateTimeOffset? From, DateTimeOffset? To, bool NewestFirst, ListPage Page)
{
    /// <summary>The glass type of <see cref="Type"/>; null when there is no such type.</summary>
    public GlassType? Glass => GlassTypes.Parse(Type);
}

/// <summary>A place in the list: after the pour of this sequence number and, newest first, this time.</summary>
internal readonly record struct BeerCursor(long Seq, DateTimeOffset PouredAt)
{
    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    public static bool TryParse(string text, bool newestFirst, out BeerCursor cursor)
    {
        cursor = default;
        var dash = newestFirst ? text.IndexOf('-', StringComparison.Ordinal) : text.Length;
        if (dash < 0
            || !long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
        {
            return false;
        }

        var ticks = 0L;
        if (newestFirst
            && (!long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ticks)
                || ticks > DateTimeOffset.MaxValue.Ticks))
        {
            return false;
        }

        cursor = new BeerCursor(seq, new DateTimeOffset(ticks, TimeSpan.Zero));
        return true;
    }

    /// <summary>The cursor for a query string.</summary>
    public string ToText(bool newestFirst) =>
        newestFirst ? string.Create(CultureInfo.InvariantCulture, $"{Seq}-{PouredAt.UtcTicks}") : Seq.ToString(CultureInfo.InvariantCulture);
}
