using System.Diagnostics;
using Taproom.Ingest;

namespace Taproom.Dashboard.Live;

/// <summary>Spans of the live push.</summary>
internal static class LiveTelemetry
{
    private static readonly ActivitySource Source = new("Taproom.Dashboard");

    /// <summary>Starts <c>push pours</c> for one entry: child of the span that appended it.</summary>
    public static Activity? StartPush(IngestEntry entry) =>
        Source.StartActivity("push pours", ActivityKind.Producer, IngestTelemetry.ContextOf(entry) ?? default)?
            .SetTag("messaging.system", "signalr")
            .SetTag("messaging.operation.name", "send")
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.destination.name", "pours")
            .SetTag("messaging.message.id", entry.Id.ToString());
}
