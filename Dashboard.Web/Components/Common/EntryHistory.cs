using System.Globalization;
using Dashboard.Web.Board;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Dashboard.Web.Components.Common;

/// <summary>Which stored events a visitor asks for; what is null is not asked about.</summary>
/// <param name="Component">Exactly this component.</param>
/// <param name="Environment">Exactly this environment.</param>
/// <param name="Email">Exactly this address.</param>
/// <param name="Text">A part of the message, in whatever case.</param>
/// <param name="From">Received at this moment or later, UTC.</param>
/// <param name="To">Received before this moment, UTC.</param>
internal sealed record EventFilter(string? Component, string? Environment, string? Email, string? Text, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>A page of messages or events.</summary>
/// <param name="Entries">Newest first.</param>
/// <param name="Next">Where the list goes on; null at its end.</param>
internal sealed record EntryPage(IReadOnlyList<EntryView> Entries, string? Next);

/// <summary>Reads all stored messages and events: a page costs the same wherever in the list it is.</summary>
internal sealed class EntryHistory(IServiceScopeFactory scopes)
{
    /// <summary>Entries on a page.</summary>
    public const int PageSize = 50;

    /// <summary>Reads events, newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="before">Where the page before ended; null for the newest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<EntryPage> EventsAsync(EventFilter filter, TimeCursor? before, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        IQueryable<StoredEvent> events = scope.ServiceProvider.GetRequiredService<TaproomDb>().Events;
        events = filter.Component is { } component ? events.Where(e => e.Component == component) : events;
        events = filter.Environment is { } environment ? events.Where(e => e.Environment == environment) : events;
        events = filter.Email is { } email ? events.Where(e => e.Email == email) : events;
        events = filter.Text is { } text ? events.Where(e => EF.Functions.ILike(e.Message, $"%{Escaped(text)}%", "!")) : events;
        events = filter.From is { } from ? events.Where(e => e.CreatedAt >= from) : events;
        events = filter.To is { } to ? events.Where(e => e.CreatedAt < to) : events;
        events = before is { At: var at, Seq: var seq }
            ? events.Where(e => EF.Functions.LessThan(ValueTuple.Create(e.CreatedAt, e.Seq), ValueTuple.Create(at, seq)))
            : events;
        var rows = await events.OrderByDescending(e => e.CreatedAt).ThenByDescending(e => e.Seq).Take(PageSize + 1).ToListAsync(cancellationToken);
        return PageOf(rows, EntryView.Of, row => $"{new TimeCursor(row.CreatedAt, row.Seq)}");
    }

    /// <summary>Reads messages, those last stored first.</summary>
    /// <param name="before">Where the page before ended; null for the newest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<EntryPage> MessagesAsync((ulong Tx, long Seq)? before, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        IQueryable<StoredMessage> messages = scope.ServiceProvider.GetRequiredService<TaproomDb>().Messages;
        messages = before is { Tx: var tx, Seq: var seq }
            ? messages.Where(m => EF.Functions.LessThan(ValueTuple.Create(m.Tx, m.Seq), ValueTuple.Create(tx, seq)))
            : messages;
        var rows = await messages.NewestFirst().Take(PageSize + 1).ToListAsync(cancellationToken);
        return PageOf(rows, EntryView.Of, row => string.Create(CultureInfo.InvariantCulture, $"{row.Tx}-{row.Seq}"));
    }

    /// <summary>The place in the list of messages that an address names; null when it names none.</summary>
    public static (ulong Tx, long Seq)? MessagePlace(string? text) =>
        text?.Split('-') is [var first, var second]
        && ulong.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var tx)
        && long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            ? (tx, seq)
            : null;

    private static EntryPage PageOf<T>(List<T> rows, Func<T, EntryView> view, Func<T, string> cursor) =>
        new([.. rows.Take(PageSize).Select(view)], rows.Count > PageSize ? cursor(rows[PageSize - 1]) : null);

    private static string Escaped(string text) =>
        text.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal);
}
