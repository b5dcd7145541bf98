using System.Collections.Frozen;
using Taproom.Ingest;
using Taproom.Json;
using Taproom.Pours;

namespace Taproom.Bridge.Intake;

/// <summary>What becomes of the messages on one channel of a tap.</summary>
/// <param name="Template">The topic with <c>{tapId}</c> in place of the tap id, for telemetry.</param>
/// <param name="Kind">Kind of the entry that it becomes, one of <see cref="EntryKinds"/>.</param>
/// <param name="Read">Validates a payload.</param>
internal sealed record TopicRoute(string Template, string Kind, Func<ReadOnlyMemory<byte>, ReportHead> Read)
{
    // A further channel of the MQTT contract is a further line here.
    private static readonly FrozenDictionary<string, TopicRoute> Routes = new Dictionary<string, TopicRoute>
    {
        ["pours"] = new("taps/{tapId}/pours", EntryKinds.Pour, ReadPour),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The route of a channel; null when taps do not publish to it.</summary>
    public static TopicRoute? For(string channel) => Routes.GetValueOrDefault(channel);

    private static ReportHead ReadPour(ReadOnlyMemory<byte> payload) =>
        PourReport.TryParse(payload, out var report, out var refusal)
            ? new ReportHead(report.Id, report.TraceParent, report.TraceState, null)
            : new ReportHead(null, null, null, refusal);
}

/// <summary>What the bridge needs to know of a report.</summary>
/// <param name="Id">The sender's id; null when it leaves that to the bridge.</param>
/// <param name="TraceParent">W3C <c>traceparent</c> in the payload, or null.</param>
/// <param name="TraceState">W3C <c>tracestate</c> in the payload, or null.</param>
/// <param name="Refusal">Why it cannot be taken; null when it can.</param>
internal readonly record struct ReportHead(Guid? Id, string? TraceParent, string? TraceState, Refusal? Refusal);
