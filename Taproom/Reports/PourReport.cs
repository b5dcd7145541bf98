using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Taproom.Pours;

namespace Taproom.Reports;

/// <summary>
/// What a tap reports of one pour, over MQTT or HTTP: <c>{"id"?, "tapId"?, "volume", "pouredAt"?, "seq"?, "pulses"?, "odometer"?, "durationMs"?}</c>.
/// </summary>
/// <remarks>Unknown members are ignored; the trace members serve MQTT 3.1.1, which has no user properties.</remarks>
public sealed record PourReport
{
    // A clock further ahead than this, or before this time, is wrong.
    private static readonly TimeSpan MaxAhead = TimeSpan.FromHours(24);
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Counts = ["seq", "pulses", "odometer", "durationMs"];

    /// <summary>The sender's own id of the pour; null when it leaves that to the front door.</summary>
    public Guid? Id { get; private init; }

    /// <summary>That id as the sender wrote it.</summary>
    public string? IdAsSent { get; private init; }

    /// <summary>The tap, 1 or more; null over MQTT, where the topic names it.</summary>
    public int? TapId { get; private init; }

    /// <summary>The volume in mL, 100 to 1000 as sent, then rounded (<see cref="Volumes.Round"/>).</summary>
    public decimal VolumeMl { get; private init; }

    /// <summary>When it was poured by the device's clock, UTC; null when it sent none.</summary>
    public DateTimeOffset? PouredAt { get; private init; }

    /// <summary>W3C <c>traceparent</c> of the sender's span, where the payload carries it.</summary>
    public string? TraceParent { get; private init; }

    /// <summary>W3C <c>tracestate</c> of the sender's span, where the payload carries it.</summary>
    public string? TraceState { get; private init; }

    /// <summary>Reads and validates a report.</summary>
    /// <param name="utf8">The JSON document, UTF-8.</param>
    /// <param name="report">The report, or null.</param>
    /// <param name="refusal">Why it is refused, or null.</param>
    /// <returns>True when <paramref name="report"/> can be stored.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out PourReport? report, [NotNullWhen(false)] out Refusal? refusal)
    {
        report = null;
        if (!StrictJson.TryParseObject(utf8, out var document, out refusal))
        {
            return false;
        }

        using (document)
        {
            (report, refusal) = Read(document.RootElement);
        }

        return refusal is null;
    }

    /// <summary>The pour of this report.</summary>
    /// <param name="id">Its id: the sender's or the front door's.</param>
    /// <param name="tapId">The tap that the front door authenticated.</param>
    /// <param name="receivedAt">When the front door received it.</param>
    public Pour ToPour(Guid id, int tapId, DateTimeOffset receivedAt)
    {
        var isSuspect = PouredAt is { } at && (at < Earliest || at - receivedAt > MaxAhead);
        return new Pour(id, tapId, VolumeMl, isSuspect ? receivedAt : PouredAt ?? receivedAt, receivedAt)
        {
            ClockSuspect = isSuspect,
            IdAsSent = IdAsSent,
        };
    }

    private static (PourReport? Report, Refusal? Refusal) Read(JsonElement json)
    {
        Guid? id = null;
        if (json.TryGetMember("id", out var member))
        {
            if (member.ValueKind is not JsonValueKind.String || !member.TryGetGuid(out var value) || value == Guid.Empty)
            {
                return (null, Refusal.Unprocessable("id", "The member 'id' must be a UUID, and not the nil UUID."));
            }

            id = value;
        }

        int? tapId = null;
        if (json.TryGetMember("tapId", out member))
        {
            if (member.ValueKind is not JsonValueKind.Number || !member.TryGetInt32(out var value) || value < 1)
            {
                return (null, Refusal.Unprocessable("tapId", "The member 'tapId' must be a whole number, 1 or more."));
            }

            tapId = value;
        }

        if (!json.TryGetProperty("volume", out member) || member.ValueKind is not JsonValueKind.Number)
        {
            return (null, Refusal.Unprocessable("volume", "The member 'volume' must be a number of mL."));
        }

        if (!member.TryGetDecimal(out var volumeMl))
        {
            return (null, Refusal.Malformed("volume", "The number in 'volume' is too large."));
        }

        if (GlassTypes.ForVolume(volumeMl) is null)
        {
            return (null, Refusal.Unprocessable("volume", GlassTypes.OutOfRange));
        }

        DateTimeOffset? pouredAt = null;
        if (json.TryGetMember("pouredAt", out member))
        {
            if (member.ValueKind is not JsonValueKind.String || !Rfc3339.TryParse(member.GetString(), out var value))
            {
                return (null, Refusal.Unprocessable("pouredAt", "The member 'pouredAt' must be an RFC 3339 time with an offset."));
            }

            pouredAt = value;
        }

        foreach (var name in Counts)
        {
            if (!json.TryGetCount(name, out _, out var refusal))
            {
                return (null, refusal);
            }
        }

        return (
            new PourReport
            {
                Id = id,
                IdAsSent = id is null ? null : json.TextOrNull("id"),
                TapId = tapId,
                VolumeMl = Volumes.Round(volumeMl),
                PouredAt = pouredAt,
                TraceParent = json.TextOrNull("traceparent"),
                TraceState = json.TextOrNull("tracestate"),
            },
            null
        );
    }
}
