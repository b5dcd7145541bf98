using System.Text;
using System.Text.Json;
using Taproom.Pours;

namespace Taproom.Reports;

/// <content>How a report is read, member by member.</content>
public sealed partial record PourReport
{
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
        "purpose",
        "traceparent",
        "tracestate",
    ];
    internal static readonly byte[][] Utf8Names = [.. Names.Select(Encoding.UTF8.GetBytes)];
    private static readonly int Volume = Array.IndexOf(Names, "volume");
    private static readonly int PulsesMember = Array.IndexOf(Names, "pulses");

    /// <summary>Reads the report that begins where the reader is, and goes to its end.</summary>
    internal static (PourReport? Report, Refusal? Refusal) Read(ref StrictReader reader)
    {
        if (reader.Json.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return (null, StrictJson.NoObject);
        }

        var report = new PourReport();
        var (hasVolume, hasPulses, fault, refusal) = (false, false, Names.Length, (Refusal?)null);
        while (reader.ReadMember(out var member))
        {
            var isGiven = reader.Json.TokenType is not JsonTokenType.Null;
            (hasVolume, hasPulses) = (hasVolume | (isGiven && member == Volume), hasPulses | (isGiven && member == PulsesMember));
            Note(member, report.Take(member, ref reader.Json));
        }

        if (!hasVolume)
        {
            // The pulses have to be some then, and few enough for a glass.
            Note(
                hasPulses ? PulsesMember : Volume,
                !hasPulses ? NoVolume
                    : report.Pulses is 0 or > PulsesPerLitre.MaxPulses ? NoPulses
                    : null
            );
        }

        return refusal is null ? (report, null) : (null, refusal);

        void Note(int member, Refusal? reason) => (fault, refusal) = reason is not null && member < fault ? (member, reason) : (fault, refusal);
    }

    private static Refusal NoVolume => Refusal.Unprocessable("volume", "The member 'volume' must be a number of mL.");

    private static Refusal NoPulses =>
        Refusal.Unprocessable("pulses", $"Without 'volume', the member 'pulses' must be a whole number from 1 to {PulsesPerLitre.MaxPulses}.");

    /// <returns>Why the value of a member is refused; null where it is taken, or counts as absent.</returns>
    private Refusal? Take(int member, ref Utf8JsonReader json)
    {
        var name = Names[member];
        switch (name)
        {
            case var _ when json.TokenType is JsonTokenType.Null:
                return null;
            case "volume":
                return TakeVolume(ref json);
            case "id":
                return TakeId(ref json);
            case "tapId":
                return TakeTapId(ref json);
            case "pouredAt":
                return TakePouredAt(ref json);
            case "purpose":
                return TakePurpose(ref json);
            case "traceparent":
                TraceParent = json.TokenType is JsonTokenType.String ? json.GetString() : null;
                return null;
            case "tracestate":
                TraceState = json.TokenType is JsonTokenType.String ? json.GetString() : null;
                return null;
            default:
                return TakeCount(name, ref json);
        }
    }

    private Refusal? TakeCount(string name, ref Utf8JsonReader json)
    {
        var count = json.TokenType is JsonTokenType.Number ? ExactNumber.Read(json.ValueSpan) : -1;
        if (!Members.IsCount(count))
        {
            return Members.NoCount(name);
        }

        Pulses = name is "pulses" ? (long)count : Pulses;
        Odometer = name is "odometer" ? (long)count : Odometer;
        return null;
    }

    private Refusal? TakePurpose(ref Utf8JsonReader json)
    {
        if (json.TokenType is not JsonTokenType.String || Purposes.Parse(json.GetString()) is not { } purpose)
        {
            return Refusal.Unprocessable("purpose", $"The member 'purpose' must be {Purposes.List}.");
        }

        Purpose = purpose;
        return null;
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
