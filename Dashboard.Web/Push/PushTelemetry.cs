using System.Diagnostics;
using Taproom.Ingest;

namespace Dashboard.Web.Push;

/// <summary>Spans of the live push.</summary>
internal static class PushTelemetry
{
    private static readonly ActivitySource Source = new("Dashboard.Web");

    /// <summary>What is pushed to: <c>pours</c>, <c>messages</c> or <c>events</c>.</summary>
    public static string Destination(string kind) => kind + "s";

    /// <summary>Starts <c>push pours</c>, <c>push messages</c> or <c>push events</c> for one entry: child of the span that appended it; null where
    /// that trace is not kept.</summary>
    public static Activity? StartPush(IngestEntry entry) =>
        (IngestTelemetry.IsTraceDropped(entry) ? null : Start(entry))
            ?.SetTag("messaging.system", "signalr")
            .SetTag("messaging.operation.name", "send")
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.destination.name", Destination(entry.Kind))
            .SetTag("messaging.message.id", entry.Id.ToString());

    private static Activity? Start(IngestEntry entry) =>
        Source.StartActivity($"push {Destination(entry.Kind)}", ActivityKind.Producer, IngestTelemetry.ContextOf(entry) ?? default);
}
