using System.Diagnostics.CodeAnalysis;
using Taproom.Pours;

namespace Taproom.Reports;

/// <summary>
/// What a tap reports of one pour, over MQTT or HTTP: <c>{"id"?, "tapId"?, "volume"?, "pouredAt"?, "seq"?, "pulses"?, "odometer"?, "durationMs"?, "purpose"?}</c>,
/// with <c>volume</c> or <c>pulses</c>; of both, the volume counts.
/// </summary>
/// <remarks>Unknown members are ignored; the trace members serve MQTT 3.1.1, which has no user properties.</remarks>
public sealed partial record PourReport
{
    /// <summary>The sender's own id of the pour; null when it leaves that to the front door.</summary>
    public Guid? Id { get; private set; }

    /// <summary>That id as the sender wrote it; null where that is as we write it.</summary>
    public string? IdAsSent { get; private set; }

    /// <summary>The tap, 1 or more; null over MQTT, where the topic names it.</summary>
    public int? TapId { get; private set; }

    /// <summary>The volume in mL, 100 to 1000 as sent, then rounded (<see cref="Volumes.Round"/>); null where only pulses were sent.</summary>
    public decimal? VolumeMl { get; private set; }

    /// <summary>Pulses of the flow meter, 0 or more, without a volume 1 to <see cref="PulsesPerLitre.MaxPulses"/>; null when it sent none.</summary>
    public long? Pulses { get; private set; }

    /// <summary>All pulses that the flow meter had counted by the end of the pour, 0 or more; null when it sent none.</summary>
    public long? Odometer { get; private set; }

    /// <summary>What it was for; a sale where it did not say.</summary>
    public Purpose Purpose { get; private set; }

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
        var isSuspect = PouredAt is { } at && !DeviceClock.IsBelievable(at, receivedAt);
        return new Pour(id, tapId, VolumeMl, isSuspect ? receivedAt : PouredAt ?? receivedAt, receivedAt)
        {
            ClockSuspect = isSuspect,
            IdAsSent = IdAsSent,
            Pulses = Pulses,
            Odometer = Odometer,
            VolumeDerived = VolumeMl is null,
            Purpose = Purpose,
        };
    }
}
