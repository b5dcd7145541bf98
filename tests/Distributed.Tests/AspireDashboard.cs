using System.Text.Json;

namespace Distributed.Tests;

/// <summary>What the Aspire dashboard of a run has seen.</summary>
/// <param name="address">Where it is.</param>
public sealed class AspireDashboard(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address };

    /// <summary>Where it is.</summary>
    public Uri Address { get; } = address;

    /// <summary>All spans that the dashboard has.</summary>
    public async Task<IReadOnlyList<TracedSpan>> SpansAsync()
    {
        await using var body = await _http.GetStreamAsync("/api/telemetry/traces?limit=10000");
        using var document = await JsonDocument.ParseAsync(body);
        var spans = new List<TracedSpan>();
        foreach (var resource in document.RootElement.GetProperty("data").GetProperty("resourceSpans").EnumerateArray())
        {
            var service = Attribute(resource.GetProperty("resource"), "service.name");
            foreach (var span in resource.GetProperty("scopeSpans").EnumerateArray().SelectMany(scope => scope.GetProperty("spans").EnumerateArray()))
            {
                spans.Add(
                    new TracedSpan(
                        service!,
                        span.GetProperty("name").GetString()!,
                        span.GetProperty("traceId").GetString()!,
                        span.GetProperty("spanId").GetString()!,
                        span.TryGetProperty("parentSpanId", out var parent) ? parent.GetString() : null,
                        Attribute(span, "messaging.message.id")
                    )
                );
            }
        }

        return spans;
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static string? Attribute(JsonElement holder, string key) =>
        holder.TryGetProperty("attributes", out var attributes)
            ? attributes
                .EnumerateArray()
                .Where(attribute => attribute.GetProperty("key").GetString() == key)
                .Select(attribute => attribute.GetProperty("value").TryGetProperty("stringValue", out var text) ? text.GetString() : null)
                .FirstOrDefault()
            : null;
}

/// <summary>A span as the dashboard tells it.</summary>
/// <param name="Service">Name of the resource that made it.</param>
/// <param name="Name">Its name.</param>
/// <param name="TraceId">Trace, 32 hexadecimal digits.</param>
/// <param name="SpanId">Span, 16 hexadecimal digits.</param>
/// <param name="ParentSpanId">Its parent; null for a root.</param>
/// <param name="MessageId">Attribute <c>messaging.message.id</c>; null where it has none.</param>
public sealed record TracedSpan(string Service, string Name, string TraceId, string SpanId, string? ParentSpanId, string? MessageId);
