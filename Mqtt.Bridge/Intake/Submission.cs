using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Ingest;

namespace Mqtt.Bridge.Intake;

/// <summary>A message as the bridge has judged it: to be appended, or to be set aside and why.</summary>
internal sealed record Submission
{
    /// <summary>Of a refused message with a larger body than this, only <see cref="ExcerptBytes"/> are kept.</summary>
    private const int MaxDeadBytes = 4 * 1_024;

    private const int ExcerptBytes = 1_024;

    /// <summary>A topic comes from outside; this many characters of it are repeated in a reason.</summary>
    private const int TopicCharacters = 100;

    private Submission(TimeProvider time) => (ReceivedAt, StartedAt) = (time.GetUtcNow(), time.GetTimestamp());

    /// <summary>The topic as sent; empty when it was not read.</summary>
    public string Topic { get; private init; } = "";

    /// <summary>Where it goes; null when no tap publishes to its topic.</summary>
    public TopicRoute? Route { get; private set; }

    /// <summary>Id of the entry; a new one, where nobody gave it any, is made only when it is asked for: that costs a call of the system.</summary>
    public Guid Id
    {
        get => field == default ? field = Guid.CreateVersion7() : field;
        private set;
    }

    /// <summary>Whether the sender gave it that id.</summary>
    public bool HasOwnId { get; private set; }

    /// <summary>Of QoS 2: the packet identifier, and whether it was sent before (DUP); null for a message that is not known by them.</summary>
    public (ushort PacketId, bool IsRepeated)? Exchange { get; init; }

    /// <summary>Tap id of the entry; empty for none.</summary>
    public required string Tap { get; init; }

    /// <summary>The sender's MQTT client id.</summary>
    public required string ClientId { get; init; }

    /// <summary>When it was read.</summary>
    public DateTimeOffset ReceivedAt { get; }

    /// <summary>The same moment as a timestamp, by which what it takes is measured.</summary>
    public long StartedAt { get; }

    /// <summary>The payload, or its beginning when it is refused and large.</summary>
    public required byte[] Body { get; set; }

    /// <summary>Context of the sender's span; null when the message names none that can be read.</summary>
    public ActivityContext? Sender { get; private set; }

    /// <summary>Why it is set aside, in one sentence that the sender may see; null when it is to be appended.</summary>
    public string? Reason { get; private set; }

    /// <summary>Of the payload that was sent, whether a part is not kept: what is left is another message, if it is one at all.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Whether it is good, and goes to subscribers instead of the stream.</summary>
    public bool IsForListeners => Reason is null && Route is { Kind: null };

    /// <summary>Whether it is good, and goes to the stream.</summary>
    public bool IsForStream => Reason is null && Route is { Kind: not null };

    /// <summary>What a client of MQTT 5 is answered.</summary>
    public MqttPubAckReasonCode ReasonCode { get; private set; }

    /// <summary>Judges a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="tapId">The tap that sends it; null for a sender that may speak for every tap.</param>
    /// <param name="clientId">The sender's MQTT client id.</param>
    /// <param name="id">Id of a report that has none of its own; null for a new one.</param>
    /// <param name="maxBytes">Largest topic and payload together.</param>
    /// <param name="time">The clock.</param>
    public static Submission Judge(MqttApplicationMessage message, int? tapId, string clientId, Guid? id, int maxBytes, TimeProvider time)
    {
        var isOfTap = TapTopic.TryParse(message.Topic, out var topic);
        var mayPublish = isOfTap && (tapId ?? topic.TapId) == topic.TapId;
        var tap = (mayPublish ? topic.TapId : tapId)?.ToString(CultureInfo.InvariantCulture) ?? "";
        var bytes = message.Payload.Length + Encoding.UTF8.GetByteCount(message.Topic);
        var submission = new Submission(time)
        {
            Topic = message.Topic,
            Tap = tap,
            ClientId = clientId,
            Id = id.GetValueOrDefault(),
            Body = Cut(message.Payload, bytes > maxBytes ? ExcerptBytes : int.MaxValue),
            IsCut = bytes > maxBytes && message.Payload.Length > ExcerptBytes,
            Sender = BridgeTelemetry.SenderOf(message),
        };
        if (bytes > maxBytes)
        {
            return submission.TooLarge(bytes, maxBytes);
        }

        if (!isOfTap || TopicRoute.For(topic.Channel) is not { } route)
        {
            return submission.Refused(MqttPubAckReasonCode.NotAuthorized, $"No tap publishes to '{Shorten(message.Topic)}'.");
        }

        submission.Route = route;
        if (!mayPublish)
        {
            return submission.Refused(MqttPubAckReasonCode.NotAuthorized, $"Tap {tapId} may not publish to '{Shorten(message.Topic)}'.");
        }

        var head = route.Read(submission.Body);
        if (head.Id is { } own)
        {
            (submission.Id, submission.HasOwnId) = (own, true);
        }

        submission.Sender ??= BridgeTelemetry.Parse(head.TraceParent, head.TraceState);
        return head.Refusal is { } refusal ? submission.Refused(MqttPubAckReasonCode.PayloadFormatInvalid, refusal.Reason) : submission;
    }

    /// <summary>What is known of a message that is too large to be read.</summary>
    /// <param name="tap">Its tap id; empty for none.</param>
    /// <param name="clientId">The sender's MQTT client id.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="maxBytes">Largest size.</param>
    /// <param name="time">The clock.</param>
    public static Submission Unread(string tap, string clientId, long bytes, int maxBytes, TimeProvider time) =>
        new Submission(time)
        {
            Tap = tap,
            ClientId = clientId,
            Body = [],
        }.TooLarge(bytes, maxBytes);

    /// <summary>A message to a tap that the tap cannot take.</summary>
    /// <param name="tap">Its tap id; empty for none.</param>
    /// <param name="clientId">The tap's MQTT client id.</param>
    /// <param name="body">The payload.</param>
    /// <param name="reason">Why it cannot.</param>
    /// <param name="time">The clock.</param>
    public static Submission Undeliverable(string tap, string clientId, ReadOnlySequence<byte> body, string reason, TimeProvider time) =>
        new(time)
        {
            Tap = tap,
            ClientId = clientId,
            Body = Cut(body, MaxDeadBytes),
            IsCut = body.Length > MaxDeadBytes,
            ReasonCode = MqttPubAckReasonCode.ImplementationSpecificError,
            Reason = reason,
        };

    /// <summary>The stream entry of it.</summary>
    /// <param name="activity">The span that handles it, or null.</param>
    public IngestEntry ToEntry(Activity? activity) =>
        new()
        {
            Id = Id,
            Kind = Route?.Kind ?? EntryKinds.Message,
            Tap = Tap,
            ReceivedAt = ReceivedAt,
            Body = Body,
            TraceParent = activity?.Id ?? BridgeTelemetry.ToTraceParent(Sender),
            TraceState = activity is null ? Sender?.TraceState : activity.TraceStateString,
        };

    private Submission Refused(MqttPubAckReasonCode code, string reason)
    {
        (ReasonCode, Reason) = (code, reason);
        if (Body.Length > MaxDeadBytes)
        {
            (Body, IsCut) = (Body[..ExcerptBytes], true);
        }

        return this;
    }

    // Only MQTT 3.1.1 and a foreign broker come to an answer; no code for it says so, and 0x97 would have it tried again.
    private Submission TooLarge(long bytes, int maxBytes) =>
        Refused(MqttPubAckReasonCode.ImplementationSpecificError, $"The message has {bytes} bytes; {maxBytes} are allowed.");

    private static byte[] Cut(ReadOnlySequence<byte> payload, int most) => payload.Slice(0, Math.Min(most, payload.Length)).ToArray();

    private static string Shorten(string topic) => topic.Length <= TopicCharacters ? topic : topic[..TopicCharacters] + "...";
}
