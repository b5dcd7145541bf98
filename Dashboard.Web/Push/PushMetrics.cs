using System.Diagnostics.Metrics;
using Taproom.Ingest;

namespace Dashboard.Web.Push;

/// <summary>Metrics of the live push.</summary>
internal sealed class PushMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _pushed = meters
        .Create("Dashboard.Web")
        .CreateCounter<long>("messaging.client.sent.messages", "{message}", "Pours, messages and events pushed, each once however many listen.");

    private readonly UpDownCounter<long> _listeners = meters
        .Create("Dashboard.Web")
        .CreateUpDownCounter<long>("taproom.live.listeners", "{connection}", "Connections that listen to the hub.");

    private readonly Counter<long> _cutOff = meters
        .Create("Dashboard.Web")
        .CreateCounter<long>("taproom.live.listeners.cut_off", "{connection}", "Listeners that were cut off because they did not keep up.");

    private readonly Histogram<double> _endToEnd = meters
        .Create("Dashboard.Web")
        .CreateHistogram<double>("taproom.pour.end_to_end.duration", "s", "From the tap to the commit, or to the push to the live page.");

    /// <summary>A pour was pushed.</summary>
    /// <param name="age">From pouring, by the device's clock, to the push.</param>
    public void PourPushed(TimeSpan age)
    {
        // A device whose clock is ahead says nothing about how long its pour took.
        if (age >= TimeSpan.Zero)
        {
            _endToEnd.Record(age.TotalSeconds, new KeyValuePair<string, object?>("taproom.stage", "push"));
        }
    }

    /// <summary>A pour, a message or an event was queued for every listener.</summary>
    /// <param name="kind">One of <see cref="EntryKinds"/>.</param>
    public void Pushed(string kind) =>
        _pushed.Add(
            1,
            new("messaging.system", "signalr"),
            new("messaging.operation.name", "send"),
            new("messaging.destination.name", PushTelemetry.Destination(kind))
        );

    /// <summary>A listener came.</summary>
    public void ListenerCame() => _listeners.Add(1);

    /// <summary>A listener left, or was cut off.</summary>
    public void ListenerLeft() => _listeners.Add(-1);

    /// <summary>A listener was cut off.</summary>
    public void ListenerCutOff() => _cutOff.Add(1);
}
