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
    public static Activity? StartProcess(
        MqttApplicationMessage message,
        Submission submission,
        string clientId,
        ActivityContext? sender,
        DateTimeOffset receivedAt
    )
    {
        var activity = Source.StartActivity(
            $"process {submission.Route?.Template ?? "unrouted"}",
            ActivityKind.Consumer,
            sender ?? default,
            startTime: receivedAt
        );
        return activity
            ?.SetTag("messaging.system", "mqtt")
            .SetTag("messaging.operation.name", "process")
            .SetTag("messaging.operation.type", "process")
            .SetTag("messaging.destination.name", message.Topic)
            .SetTag("messaging.destination.template", submission.Route?.Template)
            .SetTag("messaging.message.id", submission.Id.ToString())
            .SetTag("messaging.client.id", clientId);
    }

    /// <summary>The context of the sender's span; null when the message carries none that can be read.</summary>
    public static ActivityContext? SenderOf(MqttApplicationMessage message, Submission submission)
    {
        string? traceParent = null,
            traceState = null;
        foreach (var property in message.UserProperties ?? [])
        {
            switch (property.Name)
            {
                case "traceparent":
                    traceParent = property.ReadValueAsString();
                    break;
                case "tracestate":
                    traceState = property.ReadValueAsString();
                    break;
            }
        }

        return Parse(traceParent, traceState) ?? Parse(submission.TraceParent, submission.TraceState);
    }

    /// <summary>Marks a span as that of a message that was set aside.</summary>
    /// <param name="activity">The span, or null.</param>
    /// <param name="errorType">A word for the kind of refusal.</param>
    /// <param name="reason">The sentence for it.</param>
    public static void Refused(this Activity? activity, string errorType, string reason) =>
        activity?.SetStatus(ActivityStatusCode.Error, reason).SetTag("error.type", errorType);

    private static ActivityContext? Parse(string? traceParent, string? traceState) =>
        ActivityContext.TryParse(traceParent, traceState?.Length <= MaxTraceState ? traceState : null, isRemote: true, out var context)
            ? context
            : null;
}
