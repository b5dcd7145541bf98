using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using MQTTnet;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Reports;

namespace Mqtt.Bridge.Intake;

/// <summary>What becomes of the messages on one channel of a tap.</summary>
/// <param name="Template">The topic with <c>{tapId}</c> in place of the tap id, for telemetry.</param>
/// <param name="Kind">Kind of the entry that it becomes, one of <see cref="EntryKinds"/>; null when it goes to listeners only.</param>
/// <param name="Read">Validates a payload.</param>
internal sealed record TopicRoute(string Template, string? Kind, Func<ReadOnlyMemory<byte>, ReportHead> Read)
{
    private static readonly FrozenDictionary<string, TopicRoute> Routes = new Dictionary<string, TopicRoute>
    {
        ["pours"] = new("taps/{tapId}/pours", EntryKinds.Pour, ReadPour),
        ["readings"] = new("taps/{tapId}/readings", EntryKinds.Reading, ReadReading),
        ["events"] = new("taps/{tapId}/events", EntryKinds.Event, ReadEvent),
        ["status"] = new("taps/{tapId}/status", null, ReadStatus),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Name of the span that handles a message.</summary>
    public string SpanName { get; } = $"process {Template}";

    /// <summary>The route of a channel; null when taps do not publish to it.</summary>
    public static TopicRoute? For(string channel) => Routes.GetValueOrDefault(channel);

    private static ReportHead ReadPour(ReadOnlyMemory<byte> payload) =>
        PourReport.TryParse(payload, out var report, out var refusal)
            ? new ReportHead(report.Id, report.TraceParent, report.TraceState, null)
            : ReportHead.Refused(refusal);

    private static ReportHead ReadReading(ReadOnlyMemory<byte> payload) =>
        ReadJson(payload, json => TapReading.TryRead(json, out _, out var refusal) ? null : refusal);

    private static ReportHead ReadEvent(ReadOnlyMemory<byte> payload) =>
        ReadJson(payload, json => ActivityEvent.TryRead(json, out _, out var refusal) ? null : refusal);

    private static ReportHead ReadStatus(ReadOnlyMemory<byte> payload) =>
        TapStatus.IsStatus(payload.Span) ? default : ReportHead.Refused(Refusal.Malformed(null, TapStatus.Refusal));

    /// <summary>Validates a report, and reads the members that every report may carry beside its own.</summary>
    private static ReportHead ReadJson(ReadOnlyMemory<byte> payload, Func<JsonElement, Refusal?> validate)
    {
        if (!StrictJson.TryParseObject(payload, out var document, out var refusal))
        {
            return ReportHead.Refused(refusal);
        }

        using (document)
        {
            var json = document.RootElement;
            if (validate(json) is { } reason)
            {
                return ReportHead.Refused(reason);
            }

            Guid? id = null;
            if (json.TryGetMember("id", out var member))
            {
                if (member.ValueKind is not JsonValueKind.String || !member.TryGetGuid(out var value) || value == Guid.Empty)
                {
                    return ReportHead.Refused(Refusal.Unprocessable("id", "The member 'id' must be a UUID, and not the nil UUID."));
                }

                id = value;
            }

            return new ReportHead(id, json.TextOrNull("traceparent"), json.TextOrNull("tracestate"), null);
        }
    }
}

/// <summary>What the bridge needs to know of a report.</summary>
/// <param name="Id">The sender's id; null when it leaves that to the bridge.</param>
/// <param name="TraceParent">W3C <c>traceparent</c> in the payload, or null.</param>
/// <param name="TraceState">W3C <c>tracestate</c> in the payload, or null.</param>
/// <param name="Refusal">Why it cannot be taken; null when it can.</param>
internal readonly record struct ReportHead(Guid? Id, string? TraceParent, string? TraceState, Refusal? Refusal)
{
    /// <summary>A report that cannot be taken.</summary>
    public static ReportHead Refused(Refusal refusal) => new(null, null, null, refusal);
}

/// <summary>What a tap says of itself on its status topic.</summary>
internal static class TapStatus
{
    /// <summary>What is said of any other payload.</summary>
    public const string Refusal = "The status of a tap must be 'online' or 'offline'.";

    /// <summary>The tap is there.</summary>
    public static readonly byte[] Online = "online"u8.ToArray();

    /// <summary>The tap is away.</summary>
    public static readonly byte[] Offline = "offline"u8.ToArray();

    /// <summary>Whether a message says that the tap is online.</summary>
    public static bool IsOnline(MqttApplicationMessage message) => Says(message.Payload.ToArray(), Online);

    /// <summary>Whether a message says that the tap is offline; an empty one, which clears the status, says so too.</summary>
    public static bool IsOffline(MqttApplicationMessage message) => message.Payload.IsEmpty || Says(message.Payload.ToArray(), Offline);

    /// <summary>Whether a payload is a status, in capital or small letters, or empty to clear it.</summary>
    public static bool IsStatus(ReadOnlySpan<byte> payload) => payload.IsEmpty || Says(payload, Online) || Says(payload, Offline);

    private static bool Says(ReadOnlySpan<byte> payload, byte[] status) => Ascii.EqualsIgnoreCase(payload, status);
}
