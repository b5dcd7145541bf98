using System.Buffers;
using System.Globalization;
using System.Text;
using Mqtt.Bridge.Listener;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Ingest;
using Taproom.Reports;

namespace Mqtt.Bridge.Intake;

/// <summary>A message as the bridge has judged it: to be appended, or to be set aside and why.</summary>
internal sealed record Submission
{
    /// <summary>Of a message that is too large, this many bytes are kept to look at.</summary>
    private const int ExcerptBytes = 1_024;

    /// <summary>A topic comes from outside; this many characters of it are repeated in a reason.</summary>
    private const int TopicCharacters = 100;

    /// <summary>Where it goes; null when no tap publishes to its topic.</summary>
    public TopicRoute? Route { get; private init; }

    /// <summary>Id of the entry.</summary>
    public Guid Id { get; private init; }

    /// <summary>Tap id of the entry; empty for none.</summary>
    public required string Tap { get; init; }

    /// <summary>The payload, or its beginning when it is too large.</summary>
    public required byte[] Body { get; init; }

    /// <summary>W3C <c>traceparent</c> that the payload carries, or null.</summary>
    public string? TraceParent { get; private init; }

    /// <summary>W3C <c>tracestate</c> that the payload carries, or null.</summary>
    public string? TraceState { get; private init; }

    /// <summary>Why it is set aside, in one sentence that the sender may see; null when it is to be appended.</summary>
    public string? Reason { get; private init; }

    /// <summary>Whether it is good, and goes to subscribers instead of the stream.</summary>
    public bool IsForListeners => Reason is null && Route is { Kind: null };

    /// <summary>What a client of MQTT 5 is answered.</summary>
    public MqttPubAckReasonCode ReasonCode { get; private init; }

    /// <summary>Judges a message.</summary>
    /// <param name="client">Its sender.</param>
    /// <param name="message">The message.</param>
    /// <param name="maxBytes">Largest topic and payload together.</param>
    public static Submission Judge(TapClient client, MqttApplicationMessage message, int maxBytes)
    {
        // An anonymous client, or a broker, speaks for the tap of the topic.
        var isOfTap = TapTopic.TryParse(message.Topic, out var topic);
        var tap = isOfTap && client.MayActFor(topic.TapId) ? topic.TapId.ToString(CultureInfo.InvariantCulture) : client.Tap;
        var bytes = message.Payload.Length + Encoding.UTF8.GetByteCount(message.Topic);
        if (bytes > maxBytes)
        {
            return Unread(tap, bytes, maxBytes) with { Body = message.Payload.Slice(0, Math.Min(ExcerptBytes, message.Payload.Length)).ToArray() };
        }

        var submission = new Submission
        {
            Tap = tap,
            Id = Guid.CreateVersion7(),
            Body = message.Payload.ToArray(),
        };
        if (!isOfTap || TopicRoute.For(topic.Channel) is not { } route)
        {
            return submission with { Reason = $"No tap publishes to '{Shorten(message.Topic)}'.", ReasonCode = MqttPubAckReasonCode.NotAuthorized };
        }

        if (!client.MayActFor(topic.TapId))
        {
            return submission with
            {
                Route = route,
                Reason = $"Tap {client.Tap} may not publish to '{Shorten(message.Topic)}'.",
                ReasonCode = MqttPubAckReasonCode.NotAuthorized,
            };
        }

        var head = route.Read(submission.Body);
        return submission with
        {
            Route = route,
            Id = head.Id ?? submission.Id,
            TraceParent = head.TraceParent,
            TraceState = head.TraceState,
            Reason = head.Refusal?.Reason,
            ReasonCode = head.Refusal is null ? MqttPubAckReasonCode.Success : MqttPubAckReasonCode.PayloadFormatInvalid,
        };
    }

    /// <summary>What is known of a message that is too large to be read.</summary>
    /// <param name="tap">Its tap id; empty for none.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="maxBytes">Largest size.</param>
    public static Submission Unread(string tap, long bytes, int maxBytes) =>
        new()
        {
            Tap = tap,
            Id = Guid.CreateVersion7(),
            Body = [],
            Reason = $"The message has {bytes} bytes; {maxBytes} are allowed.",
            // Only MQTT 3.1.1 and a foreign broker come to an answer; no code for it says so, and 0x97 would have it tried again.
            ReasonCode = MqttPubAckReasonCode.ImplementationSpecificError,
        };

    /// <summary>The stream entry of it.</summary>
    /// <param name="receivedAt">When the message was read.</param>
    /// <param name="traceParent">W3C <c>traceparent</c> of the span that handles it, or null.</param>
    /// <param name="traceState">W3C <c>tracestate</c> of that span, or null.</param>
    public IngestEntry ToEntry(DateTimeOffset receivedAt, string? traceParent, string? traceState) =>
        new()
        {
            Id = Id,
            Kind = Route?.Kind ?? EntryKinds.Message,
            Tap = Tap,
            ReceivedAt = receivedAt,
            Body = Body,
            TraceParent = traceParent,
            TraceState = traceState,
        };

    private static string Shorten(string topic) => topic.Length <= TopicCharacters ? topic : topic[..TopicCharacters] + "...";
}
