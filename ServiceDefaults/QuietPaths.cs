using System.Diagnostics;
using OpenTelemetry;

namespace Taproom.ServiceDefaults;

/// <summary>Keeps the spans of probes out of the exporter: they come every few seconds and would bury the pours.</summary>
internal sealed class QuietPaths(string[] paths) : BaseProcessor<Activity>
{
    /// <inheritdoc />
    public override void OnEnd(Activity data)
    {
        if (data.GetTagItem("url.path") is string path && paths.Contains(path))
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
