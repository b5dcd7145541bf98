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
    public static Activity? StartPush(IngestEntry entry) => IngestTelemetry.StartPush(Source, "push", "signalr", Destination(entry.Kind), entry);
}
