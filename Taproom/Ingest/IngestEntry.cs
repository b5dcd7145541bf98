using System.Globalization;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>One entry of the ingest stream: what a front door took in, with what is needed to store it once and to trace it.</summary>
/// <remarks>Fields in Redis: <c>id kind tap at body</c>, and <c>traceparent tracestate</c> where a trace is known.</remarks>
public sealed record IngestEntry
{
    /// <summary>Names of all fields in Redis.</summary>
    internal static readonly string[] FieldNames = ["id", "kind", "tap", "at", "body", "traceparent", "tracestate"];

    /// <summary>Identity of what is reported; storing the same id twice has the effect of storing it once.</summary>
    public required Guid Id { get; init; }

    /// <summary>What the body is: one of <see cref="EntryKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The tap (a whole number) or other device it comes from; empty for none.</summary>
    public string Tap { get; init; } = "";

    /// <summary>When the front door received it; UTC, whole milliseconds.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The JSON as validated, UTF-8.</summary>
    public required byte[] Body { get; init; }

    /// <summary>W3C <c>traceparent</c> of the span that appended it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c> of that span.</summary>
    public string? TraceState { get; init; }

    /// <summary>The entry as stream fields, followed by <paramref name="more"/>.</summary>
    internal NameValueEntry[] ToFields(params ReadOnlySpan<NameValueEntry> more)
    {
        var fields = new List<NameValueEntry>(7 + more.Length)
        {
            new("id", Id.ToString()),
            new("kind", Kind),
            new("tap", Tap),
            new("at", ReceivedAt.ToUnixTimeMilliseconds()),
            new("body", Body),
        };
        if (TraceParent is not null)
        {
            fields.Add(new("traceparent", TraceParent));
        }

        if (!string.IsNullOrEmpty(TraceState))
        {
            fields.Add(new("tracestate", TraceState));
        }

        fields.AddRange(more);
        return [.. fields];
    }

    /// <summary>Reads an entry; null when a field that every entry has is missing or unreadable.</summary>
    internal static IngestEntry? FromFields(StreamEntry entry)
    {
        RedisValue id = default,
            kind = default,
            tap = default,
            at = default,
            body = default,
            traceParent = default,
            traceState = default;
        foreach (var field in entry.Values)
        {
            var value = field.Value;
            switch ((string?)field.Name)
            {
                case "id":
                    id = value;
                    break;
                case "kind":
                    kind = value;
                    break;
                case "tap":
                    tap = value;
                    break;
                case "at":
                    at = value;
                    break;
                case "body":
                    body = value;
                    break;
                case "traceparent":
                    traceParent = value;
                    break;
                case "tracestate":
                    traceState = value;
                    break;
            }
        }

        if (
            !Guid.TryParse((string?)id, out var guid)
            || kind.IsNullOrEmpty
            || body.IsNull
            || !long.TryParse((string?)at, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        )
        {
            return null;
        }

        return new IngestEntry
        {
            Id = guid,
            Kind = kind!,
            Tap = (string?)tap ?? "",
            ReceivedAt = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
            Body = body!,
            TraceParent = traceParent,
            TraceState = traceState,
        };
    }
}
