using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Taproom.Ingest;

/// <summary>
/// Spans and metrics of the stream, for every service that touches it. Names are those of the OpenTelemetry messaging
/// conventions; the stream is the destination <c>ingest</c>, the dead letters are <c>dead</c>, of system <c>redis</c>.
/// </summary>
public sealed class IngestTelemetry(IMeterFactory meters)
{
    // Of a traceparent: 00-{32 digits}-{16 digits}-{2 digits of flags}.
    private const int LastDigit = 54;

    private static readonly ActivitySource Source = new("Taproom.Ingest");

    private readonly Histogram<double> _duration = meters
        .Create("Taproom.Ingest")
        .CreateHistogram<double>("messaging.client.operation.duration", "s", "Time a client's operation on the stream took.");

    private readonly Counter<long> _sent = meters
        .Create("Taproom.Ingest")
        .CreateCounter<long>("messaging.client.sent.messages", "{message}", "Entries appended.");

    private readonly Counter<long> _consumed = meters
        .Create("Taproom.Ingest")
        .CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Entries delivered to a consumer.");

    private readonly Counter<long> _deadLetters = meters
        .Create("Taproom.Ingest")
        .CreateCounter<long>("taproom.dead_letters", "{message}", "Inputs set aside as dead letters.");

    /// <summary>Starts <c>send ingest</c>, child of the span in which an entry came, else of the current one; null where that trace is not kept.</summary>
    /// <param name="entry">The entry, or the first of several that came in one span.</param>
    /// <param name="count">How many they are.</param>
    public static Activity? StartSend(IngestEntry entry, int count)
    {
        if (!Source.HasListeners() || IsTraceDropped(entry))
        {
            return null;
        }

        ActivityContext.TryParse(entry.TraceParent, entry.TraceState, out var parent);
        var activity = Describe(Source.StartActivity("send ingest", ActivityKind.Producer, parent), "send", "send", "ingest");
        return count == 1 ? activity?.SetTag("messaging.message.id", entry.Id.ToString()) : activity?.SetTag("messaging.batch.message_count", count);
    }

    /// <summary>Starts <c>send ingest</c> for a dead letter that is put back: in the trace that it came with, linked to the request that does so;
    /// in the request's own trace where that one is not kept.</summary>
    /// <param name="messageId">Its id; null when it could not be read.</param>
    /// <param name="first">The context that it came with, or null.</param>
    public static Activity? StartRequeue(Guid? messageId, ActivityContext? first)
    {
        var request = Activity.Current?.Context;
        var activity = IsKept(first)
            ? Source.StartActivity("send ingest", ActivityKind.Producer, first!.Value, links: request is { } link ? [new ActivityLink(link)] : null)
            : Source.StartActivity("send ingest", ActivityKind.Producer);
        return Describe(activity, "send", "send", "ingest")?.SetTag("messaging.message.id", messageId?.ToString());
    }

    /// <summary>Starts <c>send dead</c>.</summary>
    /// <param name="messageId">Id of the entry; null when it could not be read.</param>
    /// <param name="parent">The span that it is a child of; null for the current one.</param>
    public static Activity? StartSetAside(Guid? messageId, ActivityContext? parent = null)
    {
        var activity = Source.StartActivity("send dead", ActivityKind.Producer, parent ?? Activity.Current?.Context ?? default);
        return Describe(activity, "send", "send", "dead")?.SetTag("messaging.message.id", messageId?.ToString());
    }

    /// <summary>Starts <c>receive ingest</c> for a batch that was read, linked to the span that appended each entry.</summary>
    /// <param name="entries">The batch; not empty.</param>
    /// <param name="group">The consumer group.</param>
    /// <param name="consumer">The consumer's name.</param>
    /// <param name="startedAt">When the read began.</param>
    public static Activity? StartReceive(IReadOnlyList<Delivery> entries, string group, string consumer, DateTimeOffset startedAt)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var links = entries
            .Where(delivery => delivery.Entry is { } entry && !IsTraceDropped(entry))
            .Select(delivery => ContextOf(delivery.Entry))
            .Where(IsKept)
            .Select(context => new ActivityLink(context!.Value));
        // A root of its own: a batch holds pours of many traces.
        var activity = Source.StartActivity(ActivityKind.Client, parentContext: default, links: links, startTime: startedAt, name: "receive ingest");
        return Describe(activity, "receive", "receive", "ingest")
            ?.SetTag("messaging.batch.message_count", entries.Count)
            .SetTag("messaging.consumer.group.name", group)
            .SetTag("messaging.client.id", consumer);
    }

    /// <summary>Starts <c>process ingest</c> for one entry: child of the span that appended it, linked to its batch; null where that trace is not kept.</summary>
    public static Activity? StartProcess(IngestEntry entry, string group, Activity? batch, DateTimeOffset startedAt)
    {
        if (IsTraceDropped(entry))
        {
            return null;
        }

        var parent = ContextOf(entry);
        var activity = Source.StartActivity(
            ActivityKind.Consumer,
            parentContext: parent ?? default,
            links: batch is null ? null : [new ActivityLink(batch.Context)],
            startTime: startedAt,
            name: "process ingest"
        );
        return Describe(activity, "process", "process", "ingest")
            ?.SetTag("messaging.message.id", entry.Id.ToString())
            .SetTag("messaging.consumer.group.name", group);
    }

    /// <summary>Starts <c>ack ingest</c>, child of the current span.</summary>
    public static Activity? StartAcknowledge(int count, string group) =>
        Describe(Source.StartActivity("ack ingest", ActivityKind.Client), "ack", "settle", "ingest")
            ?.SetTag("messaging.batch.message_count", count)
            .SetTag("messaging.consumer.group.name", group);

    /// <summary>Starts the span of telling an entry live: child of the span that appended it; null where that trace is not kept.</summary>
    /// <param name="source">Who tells it.</param>
    /// <param name="operation"><c>push</c>, or the name that the protocol has for it.</param>
    /// <param name="system">The protocol.</param>
    /// <param name="destination">Where it is told.</param>
    /// <param name="entry">The entry.</param>
    public static Activity? StartPush(ActivitySource source, string operation, string system, string destination, IngestEntry entry)
    {
        if (!source.HasListeners() || IsTraceDropped(entry))
        {
            return null;
        }

        return source
            .StartActivity($"{operation} {destination}", ActivityKind.Producer, ContextOf(entry) ?? default)
            ?.SetTag("messaging.system", system)
            .SetTag("messaging.operation.name", operation)
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.destination.name", destination)
            .SetTag("messaging.message.id", entry.Id.ToString());
    }

    /// <summary>The context of the span that appended an entry; null when it carries none that can be read.</summary>
    public static ActivityContext? ContextOf(IngestEntry? entry) =>
        ActivityContext.TryParse(entry?.TraceParent, entry?.TraceState, isRemote: true, out var context) ? context : null;

    /// <summary>Whether an entry came in a trace that is not kept, so that nothing behind it is traced either.</summary>
    /// <remarks>Costs nothing, as it is asked of every entry: of a <c>traceparent</c> the lowest bit of the last digit says it.</remarks>
    public static bool IsTraceDropped(IngestEntry entry) =>
        entry.TraceParent is { Length: > LastDigit } context && "02468aceACE".Contains(context[LastDigit], StringComparison.Ordinal);

    /// <summary>The 128 bits of an entry's trace id; null when it carries none that can be read, or that trace is not kept.</summary>
    public static Guid? TraceIdOf(IngestEntry entry) =>
        !IsTraceDropped(entry) && ContextOf(entry) is { } context && IsKept(context) ? Guid.ParseExact(context.TraceId.ToHexString(), "N") : null;

    /// <summary>Counts appended entries and the time that took.</summary>
    /// <param name="destination"><c>ingest</c> or <c>dead</c>.</param>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="count">How many they are.</param>
    public void Sent(string destination, TimeSpan elapsed, int count = 1)
    {
        _sent.Add(count, System, Operation("send"), Destination(destination));
        _duration.Record(elapsed.TotalSeconds, System, Operation("send"), Destination(destination));
    }

    /// <summary>Entries were not appended, or that is not known.</summary>
    /// <param name="destination"><c>ingest</c> or <c>dead</c>.</param>
    /// <param name="elapsed">How long that took.</param>
    /// <param name="exception">Why.</param>
    public void SendFailed(string destination, TimeSpan elapsed, Exception exception) =>
        _duration.Record(elapsed.TotalSeconds, System, Operation("send"), Destination(destination), Error(exception));

    /// <summary>A consumer group acknowledged entries, or could not.</summary>
    /// <param name="group">The consumer group.</param>
    /// <param name="elapsed">How long that took.</param>
    /// <param name="exception">Why it could not; null where it did.</param>
    public void Acknowledged(string group, TimeSpan elapsed, Exception? exception = null)
    {
        var tags = new TagList { System, Operation("ack"), Destination("ingest"), new("messaging.consumer.group.name", group) };
        if (exception is not null)
        {
            tags.Add(Error(exception));
        }

        _duration.Record(elapsed.TotalSeconds, tags);
    }

    /// <summary>Counts the entries of a batch that a consumer group read and the time that took.</summary>
    public void Received(string group, int count, TimeSpan elapsed)
    {
        var tags = new TagList { System, Operation("receive"), Destination("ingest"), new("messaging.consumer.group.name", group) };
        _consumed.Add(count, tags);
        _duration.Record(elapsed.TotalSeconds, tags);
    }

    /// <summary>Counts an input that was set aside.</summary>
    /// <param name="source">Who set it aside: a service or a consumer group.</param>
    public void SetAside(string source) => _deadLetters.Add(1, new KeyValuePair<string, object?>("taproom.source", source));

    private static readonly KeyValuePair<string, object?> System = new("messaging.system", "redis");

    private static KeyValuePair<string, object?> Operation(string name) => new("messaging.operation.name", name);

    private static KeyValuePair<string, object?> Destination(string name) => new("messaging.destination.name", name);

    private static KeyValuePair<string, object?> Error(Exception exception) => new("error.type", exception.GetType().FullName);

    private static bool IsKept(ActivityContext? context) => context?.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) == true;

    private static Activity? Describe(Activity? activity, string operation, string type, string destination) =>
        activity
            ?.SetTag("messaging.system", "redis")
            .SetTag("messaging.operation.name", operation)
            .SetTag("messaging.operation.type", type)
            .SetTag("messaging.destination.name", destination);
}
