using System.Diagnostics.CodeAnalysis;
using System.Text;
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

    // In the order in which faults are told.
    private static readonly string[] Names =
    [
        "id",
        "tapId",
        "volume",
        "pouredAt",
        "seq",
        "pulses",
        "odometer",
        "durationMs",
        "traceparent",
        "tracestate",
    ];
    internal static readonly byte[][] Utf8Names = [.. Names.Select(Encoding.UTF8.GetBytes)];
    private static readonly int Volume = Array.IndexOf(Names, "volume");

    /// <summary>The sender's own id of the pour; null when it leaves that to the front door.</summary>
    public Guid? Id { get; private set; }

    /// <summary>That id as the sender wrote it; null where that is as we write it.</summary>
    public string? IdAsSent { get; private set; }

    /// <summary>The tap, 1 or more; null over MQTT, where the topic names it.</summary>
    public int? TapId { get; private set; }

    /// <summary>The volume in mL, 100 to 1000 as sent, then rounded (<see cref="Volumes.Round"/>).</summary>
    public decimal VolumeMl { get; private set; }

    /// <summary>When it was poured by the device's clock, UTC; null when it sent none.</summary>
    public DateTimeOffset? PouredAt { get; private set; }

    /// <summary>W3C <c>traceparent</c> of the sender's span, where the payload carries it.</summary>
    public string? TraceParent { get; private set; }

    /// <summary>W3C <c>tracestate</c> of the sender's span, where the payload carries it.</summary>
    public string? TraceState { get; private set; }

    /// <summary>Reads and validates a report.</summary>
    /// <param name="utf8">The JSON document, UTF-8.</param>
    /// <param name="report">The report, or null.</param>
    /// <param name="refusal">Why it is refused, or null.</param>
    /// <returns>True when <paramref name="report"/> can be stored.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out PourReport? report, [NotNullWhen(false)] out Refusal? refusal)
    {
        var reader = new StrictReader(utf8.Span, Utf8Names);
        reader.Read();
        (report, refusal) = Read(ref reader);
        reader.ReadToEnd();
        refusal = reader.Refusal ?? refusal;
        report = refusal is null ? report : null;
        return report is not null;
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

    /// <summary>Reads the report that begins where the reader is, and goes to its end.</summary>
    internal static (PourReport? Report, Refusal? Refusal) Read(ref StrictReader reader)
    {
        if (reader.Json.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return (null, StrictJson.NoObject);
        }

        var report = new PourReport();
        var (hasVolume, fault, refusal) = (false, Names.Length, (Refusal?)null);
        while (reader.ReadMember(out var member))
        {
            hasVolume |= member == Volume;
            if (report.Take(member, ref reader.Json) is { } reason && member < fault)
            {
                (fault, refusal) = (member, reason);
            }
        }

        return !hasVolume && fault > Volume ? (null, NoVolume)
            : refusal is null ? (report, null)
            : (null, refusal);
    }

    private static Refusal NoVolume => Refusal.Unprocessable("volume", "The member 'volume' must be a number of mL.");

    /// <returns>Why the value of a member is refused; null where it is taken, or counts as absent.</returns>
    private Refusal? Take(int member, ref Utf8JsonReader json)
    {
        var name = Names[member];
        switch (name)
        {
            case "volume":
                return TakeVolume(ref json);
            case var _ when json.TokenType is JsonTokenType.Null:
                return null;
            case "id":
                return TakeId(ref json);
            case "tapId":
                return TakeTapId(ref json);
            case "pouredAt":
                return TakePouredAt(ref json);
            case "traceparent":
                TraceParent = json.TokenType is JsonTokenType.String ? json.GetString() : null;
                return null;
            case "tracestate":
                TraceState = json.TokenType is JsonTokenType.String ? json.GetString() : null;
                return null;
            default:
                return json.TokenType is JsonTokenType.Number && Members.IsCount(ExactNumber.Read(json.ValueSpan)) ? null : Members.NoCount(name);
        }
    }

    private Refusal? TakeId(ref Utf8JsonReader json)
    {
        if (json.TokenType is not JsonTokenType.String || !json.TryGetGuid(out var id) || id == Guid.Empty)
        {
            return Refusal.Unprocessable("id", "The member 'id' must be a UUID, and not the nil UUID.");
        }

        Id = id;
        IdAsSent = json.ValueIsEscaped || json.ValueSpan.ContainsAnyInRange((byte)'A', (byte)'F') ? json.GetString() : null;
        return null;
    }

    private Refusal? TakeTapId(ref Utf8JsonReader json)
    {
        if (json.TokenType is not JsonTokenType.Number || !json.TryGetInt32(out var tapId) || tapId < 1)
        {
            return Refusal.Unprocessable("tapId", "The member 'tapId' must be a whole number, 1 or more.");
        }

        TapId = tapId;
        return null;
    }

    private Refusal? TakeVolume(ref Utf8JsonReader json)
    {
        if (json.TokenType is not JsonTokenType.Number)
        {
            return NoVolume;
        }

        var volumeMl = ExactNumber.Read(json.ValueSpan);
        VolumeMl = Volumes.Round(volumeMl);
        return GlassTypes.ForVolume(volumeMl) is null ? Refusal.Unprocessable("volume", GlassTypes.OutOfRange) : null;
    }

    private Refusal? TakePouredAt(ref Utf8JsonReader json)
    {
        if (json.TokenType is JsonTokenType.String)
        {
            // A fraction of a second may have any number of digits.
            Span<char> buffer = stackalloc char[64];
            ReadOnlySpan<char> text = json.ValueSpan.Length > buffer.Length ? json.GetString() : buffer[..json.CopyString(buffer)];
            if (Rfc3339.TryParse(text, out var pouredAt))
            {
                PouredAt = pouredAt;
                return null;
            }
        }

        return Refusal.Unprocessable("pouredAt", "The member 'pouredAt' must be an RFC 3339 time with an offset.");
    }
}
