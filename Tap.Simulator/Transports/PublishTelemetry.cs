using System.Diagnostics;
using System.Text;
using MQTTnet;
using Tap.Simulator.Journal;
using Taproom;

namespace Tap.Simulator.Transports;

/// <summary>The span of a publish, named by the OpenTelemetry messaging conventions, and its context in a message.</summary>
internal static class PublishTelemetry
{
    /// <summary>The topic with <c>{tapId}</c> in place of the tap id.</summary>
    public const string Template = "taps/{tapId}/pours";

    private static readonly ActivitySource Source = new("Tap.Simulator");

    /// <summary>Starts <c>publish taps/{tapId}/pours</c>: the root of a pour's trace, or a further attempt in that trace.</summary>
    public static Activity? StartPublish(Pour pour, string topic, string clientId, MqttAddress bridge)
    {
        var activity = Source
            .StartActivity($"publish {Template}", ActivityKind.Producer, pour.FirstSent ?? default)
            ?.SetTag("messaging.system", "mqtt")
            .SetTag("messaging.operation.name", "publish")
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.destination.name", topic)
            .SetTag("messaging.destination.template", Template)
            .SetTag("messaging.message.id", pour.Id.ToString())
            .SetTag("messaging.client.id", clientId)
            .SetTag("server.address", bridge.Host)
            .SetTag("server.port", bridge.Port);
        pour.FirstSent ??= activity?.Context;
        return activity;
    }

    /// <summary>Puts the context of a span into a message, as MQTT 5 user properties <c>traceparent</c> and <c>tracestate</c>.</summary>
    public static MqttApplicationMessageBuilder WithTrace(this MqttApplicationMessageBuilder message, Activity? activity)
    {
        if (activity?.Id is { } traceParent)
        {
            message.WithUserProperty("traceparent", (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(traceParent));
        }

        if (!string.IsNullOrEmpty(activity?.TraceStateString))
        {
            message.WithUserProperty("tracestate", (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(activity.TraceStateString));
        }

        return message;
    }
}
