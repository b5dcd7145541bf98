using System.Diagnostics;
using MQTTnet;
using MQTTnet.Packets;

namespace Mqtt.Bridge.Intake;

/// <summary>The bridge's span, named by the OpenTelemetry messaging conventions, and the trace context of MQTT messages.</summary>
/// <remarks>
/// The context is W3C Trace Context in the MQTT 5 user properties <c>traceparent</c> and <c>tracestate</c>, else in payload members
/// of these names, which are all that MQTT 3.1.1 has room for.
/// </remarks>
internal static class BridgeTelemetry
{
    /// <summary>Longest <c>tracestate</c> passed on; W3C asks for 512 characters at least, and anything may come from outside.</summary>
    private const int MaxTraceState = 512;

    private static readonly ActivitySource Source = new("Mqtt.Bridge");

    /// <summary>Starts <c>process taps/{tapId}/pours</c>, child of the sender's span where the message names one.</summary>
    public static Activity? StartProcess(Submission submission)
    {
        var activity = Source.StartActivity(
            submission.Route?.SpanName ?? "process unrouted",
            ActivityKind.Consumer,
            submission.Sender ?? default,
            startTime: submission.ReceivedAt
        );
        if (activity is not { IsAllDataRequested: true })
        {
            // It carries a trace on that is not kept.
            return activity;
        }

        return activity
            .SetTag("messaging.system", "mqtt")
            .SetTag("messaging.operation.name", "process")
            .SetTag("messaging.operation.type", "process")
            .SetTag("messaging.destination.name", submission.Topic)
            .SetTag("messaging.destination.template", submission.Route?.Template)
            .SetTag("messaging.message.id", submission.Id.ToString())
            .SetTag("messaging.client.id", submission.ClientId);
    }

    /// <summary>The context in a message's user properties; null when they carry none that can be read.</summary>
    public static ActivityContext? SenderOf(MqttApplicationMessage message)
    {
        string? Value(string name) => message.UserProperties?.Find(property => property.Name == name)?.ReadValueAsString();
        return message.UserProperties is null ? null : Parse(Value("traceparent"), Value("tracestate"));
    }

    /// <summary>Reads a context; null when it cannot be read.</summary>
    public static ActivityContext? Parse(string? traceParent, string? traceState) =>
        ActivityContext.TryParse(traceParent, traceState?.Length <= MaxTraceState ? traceState : null, isRemote: true, out var context)
            ? context
            : null;

    /// <summary>The <c>traceparent</c> of a context, or null.</summary>
    public static string? ToTraceParent(ActivityContext? context) =>
        context is { } known ? $"00-{known.TraceId}-{known.SpanId}-{(known.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}" : null;
}
