using System.Diagnostics;
using Taproom.Signals;

namespace Mqtt.Bridge.Outbound;

/// <summary>The span of a receipt, named by the OpenTelemetry messaging conventions.</summary>
internal static class ReceiptTelemetry
{
    private const string Template = "taps/{tapId}/receipts";

    private static readonly ActivitySource Source = new("Mqtt.Bridge");

    /// <summary>Starts <c>publish taps/{tapId}/receipts</c>: child of what stored the first pour, linked to what stored the others; null where no
    /// trace of them is kept.</summary>
    /// <param name="receipt">What is told.</param>
    /// <param name="topic">Where.</param>
    public static Activity? StartPublish(Receipt receipt, string topic)
    {
        if (receipt.Traces is null)
        {
            return null;
        }

        var contexts = receipt
            .Traces.Values.Select(text => ActivityContext.TryParse(text, null, isRemote: true, out var context) ? context : default)
            .Where(context => context != default)
            .ToList();
        return Source
            .StartActivity(
                $"publish {Template}",
                ActivityKind.Producer,
                contexts.FirstOrDefault(),
                links: contexts.Skip(1).Select(context => new ActivityLink(context))
            )
            ?.SetTag("messaging.system", "mqtt")
            .SetTag("messaging.operation.name", "publish")
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.destination.name", topic)
            .SetTag("messaging.destination.template", Template);
    }
}
