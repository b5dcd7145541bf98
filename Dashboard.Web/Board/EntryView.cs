using System.Text;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Dashboard.Web.Board;

/// <summary>A message or an activity event on the page.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="ReceivedAt">When it was received; UTC.</param>
/// <param name="Json">The payload of a message, or the data of an event: a JSON value as it was sent.</param>
/// <param name="Event">The event; null for a message.</param>
/// <param name="TraceId">The 128 bits of its trace id; null when it carries no trace.</param>
/// <param name="IsStored">Whether it is committed in Postgres; else it is received and on its way.</param>
public sealed record EntryView(Guid Id, DateTimeOffset ReceivedAt, string Json, ActivityEvent? Event, Guid? TraceId, bool IsStored)
{
    /// <summary><see cref="EntryKinds.Message"/> or <see cref="EntryKinds.Event"/>.</summary>
    public string Kind => Event is null ? EntryKinds.Message : EntryKinds.Event;

    /// <summary>Reads an entry of the stream, the same way as whoever stores it; null when it is neither, or cannot be stored.</summary>
    public static EntryView? Read(IngestEntry entry)
    {
        var traceId = IngestTelemetry.TraceIdOf(entry);
        switch (entry.Kind)
        {
            case EntryKinds.Event when ActivityEvent.TryParse(entry.Body, out var activity, out _, needsEmail: false):
                return new EntryView(entry.Id, entry.ReceivedAt, activity.Data, activity, traceId, IsStored: false);
            case EntryKinds.Message when StrictJson.TryParse(entry.Body, out var document, out _):
                document.Dispose();
                return new EntryView(entry.Id, entry.ReceivedAt, Encoding.UTF8.GetString(entry.Body), Event: null, traceId, IsStored: false);
            default:
                return null;
        }
    }

    /// <summary>A message that Postgres has.</summary>
    public static EntryView Of(StoredMessage message) =>
        new(message.Id, message.ReceivedAt, message.Payload, Event: null, message.TraceId, IsStored: true);

    /// <summary>An event that Postgres has.</summary>
    public static EntryView Of(StoredEvent stored)
    {
        var activity = new ActivityEvent(stored.Component, stored.Environment, stored.Email, stored.Message, stored.Data);
        return new EntryView(stored.Id, stored.CreatedAt, stored.Data, activity, stored.TraceId, IsStored: true);
    }
}
