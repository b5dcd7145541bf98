using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Testing;

namespace Distributed.Tests;

/// <summary>What the Aspire dashboard of a run has seen.</summary>
/// <param name="address">Where it is.</param>
public sealed class AspireDashboard(Uri address) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // All spans are megabytes, which take both processors for a while.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient _http = new() { BaseAddress = address };

    /// <summary>Where it is.</summary>
    public Uri Address { get; } = address;

    /// <summary>All spans that the dashboard has.</summary>
    public async Task<IReadOnlyList<TracedSpan>> SpansAsync()
    {
        using var answer = await _http.GetAsync("/api/telemetry/traces?limit=10000");
        return await ReadAsync(answer);
    }

    /// <summary>What is looked for among all spans, once it is there.</summary>
    /// <param name="probe">Looks for it; null when it is not there.</param>
    /// <param name="what">What it is.</param>
    public Task<T> FindAsync<T>(Func<IReadOnlyList<TracedSpan>, T?> probe, string what)
        where T : class => Eventually.ValueAsync(async () => probe(await SpansAsync()), what, Patience, Pause);

    /// <summary>The spans of one trace, once those that are looked for have come: services send theirs in batches.</summary>
    /// <param name="traceId">The trace.</param>
    /// <param name="isWhole">Whether all that is looked for is there.</param>
    /// <param name="what">What that is.</param>
    public Task<TracedSpan[]> TraceAsync(string traceId, Func<IReadOnlyList<TracedSpan>, bool> isWhole, string what) =>
        Eventually.ValueAsync(
            async () =>
            {
                using var answer = await _http.GetAsync($"/api/telemetry/traces/{traceId}");
                return answer.StatusCode is not HttpStatusCode.NotFound && await ReadAsync(answer) is var spans && isWhole(spans) ? spans : null;
            },
            what,
            Patience
        );

    /// <summary>One span of a trace, once it has come.</summary>
    public async Task<TracedSpan> SpanAsync(string traceId, Func<TracedSpan, bool> isIt, string what) =>
        (await TraceAsync(traceId, spans => spans.Any(isIt), what)).First(isIt);

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static async Task<TracedSpan[]> ReadAsync(HttpResponseMessage answer)
    {
        await using var body = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        using var document = await JsonDocument.ParseAsync(body);
        return
        [
            .. from resource in document.RootElement.GetProperty("data").GetProperty("resourceSpans").EnumerateArray()
            let service = Attributes(resource.GetProperty("resource"))["service.name"]
            from scope in resource.GetProperty("scopeSpans").EnumerateArray()
            from span in scope.GetProperty("spans").EnumerateArray()
            select Read(service, span),
        ];
    }

    private static TracedSpan Read(string service, JsonElement span) =>
        new(
            service,
            span.GetProperty("name").GetString()!,
            // OTLP counts from 1, .NET from 0.
            (ActivityKind)(span.GetProperty("kind").GetInt32() - 1),
            span.GetProperty("traceId").GetString()!,
            span.GetProperty("spanId").GetString()!,
            span.TryGetProperty("parentSpanId", out var parent) ? parent.GetString() : null,
            span.TryGetProperty("links", out var links) ? [.. links.EnumerateArray().Select(link => link.GetProperty("spanId").GetString()!)] : [],
            Attributes(span),
            span.TryGetProperty("links", out var traces) ? [.. traces.EnumerateArray().Select(link => link.GetProperty("traceId").GetString()!)] : [],
            span.TryGetProperty("status", out var status) && status.TryGetProperty("code", out var code) && code.GetInt32() == 2
        );

    private static Dictionary<string, string> Attributes(JsonElement holder) =>
        holder.TryGetProperty("attributes", out var attributes)
            ? attributes
                .EnumerateArray()
                .ToDictionary(
                    attribute => attribute.GetProperty("key").GetString()!,
                    attribute => attribute.GetProperty("value").EnumerateObject().First().Value.ToString()
                )
            : [];
}

/// <summary>A span as the dashboard tells it.</summary>
/// <param name="Service">Name of the resource that made it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="TraceId">Trace, 32 hexadecimal digits.</param>
/// <param name="SpanId">Span, 16 hexadecimal digits.</param>
/// <param name="ParentSpanId">Its parent; null for a root.</param>
/// <param name="Links">The spans that it is linked to.</param>
/// <param name="Attributes">Its attributes, as text.</param>
/// <param name="LinkedTraces">The traces of what it is linked to.</param>
/// <param name="IsError">Whether it has failed.</param>
public sealed record TracedSpan(
    string Service,
    string Name,
    ActivityKind Kind,
    string TraceId,
    string SpanId,
    string? ParentSpanId,
    IReadOnlyList<string> Links,
    IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyList<string> LinkedTraces,
    bool IsError
)
{
    /// <summary>Attribute <c>messaging.message.id</c>; null where it has none.</summary>
    public string? MessageId => this["messaging.message.id"];

    /// <summary>The consumer group; null where it has none.</summary>
    public string? Group => this["messaging.consumer.group.name"];

    /// <summary>An attribute; null where it has none of that name.</summary>
    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);
}
