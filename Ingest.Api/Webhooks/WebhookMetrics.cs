using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ingest.Api.Webhooks;

/// <summary>Measures attempts; never by hook, of which there may be many over time.</summary>
internal sealed class WebhookMetrics(IMeterFactory meters)
{
    private readonly Histogram<double> _duration = meters
        .Create("Ingest.Api")
        .CreateHistogram<double>("messaging.client.operation.duration", "s", "Time until a receiver had answered.");

    private readonly Counter<long> _sent = meters
        .Create("Ingest.Api")
        .CreateCounter<long>("messaging.client.sent.messages", "{message}", "Attempts to send a message to a receiver.");

    /// <summary>An attempt has ended.</summary>
    /// <param name="duration">How long it took.</param>
    /// <param name="errorType">Why it failed, in a word; null when it did not.</param>
    public void Sent(TimeSpan duration, string? errorType)
    {
        var tags = new TagList { { "messaging.system", "webhook" }, { "messaging.operation.name", "send" } };
        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        _sent.Add(1, tags);
        _duration.Record(duration.TotalSeconds, tags);
    }
}
