using System.Text.Json.Serialization;
using Dashboard.Web.Board;
using Taproom.Pours;
using Taproom.Store;

namespace Dashboard.Web.Push;

/// <summary>Argument of the hub's <c>pour</c>: a pour that was received.</summary>
/// <param name="Id">Identity of the pour.</param>
/// <param name="TapId">The tap, 1 or more.</param>
/// <param name="VolumeMl">Volume in mL; null where the tap sent pulses only, as the store derives it.</param>
/// <param name="Glass"><c>half</c>, <c>pint</c> or <c>stein</c>; null for a volume that fills none, or is not known yet.</param>
/// <param name="PouredAt">When it was poured, by the device where it said so; UTC.</param>
/// <param name="ReceivedAt">When the front door received it; UTC.</param>
/// <param name="TraceParent">W3C <c>traceparent</c> of the push; null when the pour carries no trace.</param>
internal sealed record PourFrame(
    Guid Id,
    int TapId,
    decimal? VolumeMl,
    string? Glass,
    DateTimeOffset PouredAt,
    DateTimeOffset ReceivedAt,
    [property: JsonPropertyName("traceparent")] string? TraceParent
)
{
    /// <summary>The frame of a pour.</summary>
    public static PourFrame Of(Pour pour, string? traceParent) =>
        new(pour.Id, pour.TapId, pour.VolumeMl, pour.Glass?.Name(), pour.PouredAt, pour.ReceivedAt, traceParent);

    /// <summary>The frame of a stored pour.</summary>
    public static PourFrame Of(StoredPour pour) =>
        new(pour.Id, pour.TapId, pour.VolumeMl, pour.Glass.Name(), pour.PouredAt, pour.ReceivedAt, TraceParent: null);
}

/// <summary>Argument of the hub's <c>message</c> and <c>event</c>: one that was received.</summary>
/// <param name="Id">Its identity, by which the API has all of it.</param>
/// <param name="ReceivedAt">When the front door received it; UTC.</param>
/// <param name="Text">How it begins: the payload of a message, the message of an event.</param>
/// <param name="TraceParent">W3C <c>traceparent</c> of the push; null when it carries no trace.</param>
internal sealed record EntryFrame(Guid Id, DateTimeOffset ReceivedAt, string Text, [property: JsonPropertyName("traceparent")] string? TraceParent)
{
    /// <summary>The frame of a message or an event.</summary>
    public static EntryFrame Of(EntryView entry, string? traceParent) =>
        new(entry.Id, entry.ReceivedAt, Excerpt.Of(entry.Event?.Message ?? entry.Json), traceParent);
}

/// <summary>Argument of the hub's <c>stored</c>: what is committed in Postgres.</summary>
/// <param name="Ids">The ids, each of a pour, a message or an event that was pushed before.</param>
internal sealed record StoredFrame(IReadOnlyList<Guid> Ids);

/// <summary>Argument of the hub's <c>deleted</c>: pours that were deleted for good, and that no total holds any more.</summary>
/// <param name="Ids">Their ids.</param>
internal sealed record DeletedFrame(IReadOnlyList<Guid> Ids);
