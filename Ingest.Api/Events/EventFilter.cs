using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Mvc;
using Taproom.Store;

namespace Ingest.Api.Events;

/// <summary>Which events; all that is given must match.</summary>
public sealed class EventFilter
{
    [FromQuery(Name = "email"), Description("Exactly this address.")]
    public string? Email { get; init; }

    [FromQuery(Name = "environment"), Description("Exactly this environment.")]
    public string? Environment { get; init; }

    [FromQuery(Name = "component"), Description("Exactly this component.")]
    public string? Component { get; init; }

    [FromQuery(Name = "message"), Description("A part of the message.")]
    public string? Message { get; init; }

    [FromQuery(Name = "from_date"), Description("Created on this day or later, in UTC: MM-DD-YYYY, a date or time of RFC 3339.")]
    public EventDate? FromDate { get; init; }

    /// <summary>The events that match.</summary>
    internal IQueryable<StoredEvent> Of(IQueryable<StoredEvent> events)
    {
        events = Email is null ? events : events.Where(e => e.Email == Email);
        events = Environment is null ? events : events.Where(e => e.Environment == Environment);
        events = Component is null ? events : events.Where(e => e.Component == Component);
        events = Message is null ? events : events.Where(e => e.Message.Contains(Message));
        return FromDate is { Value: var from } ? events.Where(e => e.CreatedAt >= from) : events;
    }
}

/// <summary>A time as <see cref="TimeParameter"/> has it, or a day as <c>MM-DD-YYYY</c>.</summary>
/// <param name="Value">The time, in UTC.</param>
public readonly record struct EventDate(DateTimeOffset Value) : IParsable<EventDate>
{
    /// <inheritdoc />
    public static EventDate Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var date) ? date : throw new FormatException("This is no date.");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out EventDate result)
    {
        var valid = DateTimeOffset.TryParseExact(s, "MM-dd-yyyy", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day);
        valid |= TimeParameter.TryParse(s, provider, out var time);
        result = new EventDate(day == default ? time.Value : day);
        return valid;
    }
}
