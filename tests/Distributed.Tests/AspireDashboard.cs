using System.Diagnostics;
using System.Text.Json;
using Testing;

namespace Distributed.Tests;

/// <summary>The real Aspire dashboard on ports of its own, which the services under test send their telemetry to.</summary>
public sealed class AspireDashboard : LocalServer, IDisposable
{
    private readonly HttpClient _http = new();
    private readonly int _httpPort = FreePort();

    /// <summary>Where the services send telemetry to, OTLP over gRPC.</summary>
    public string OtlpEndpoint { get; } = $"http://127.0.0.1:{FreePort()}";

    /// <summary>All spans that the dashboard has.</summary>
    public async Task<IReadOnlyList<TracedSpan>> SpansAsync()
    {
        await using var body = await _http.GetStreamAsync(new Uri($"http://127.0.0.1:{Port}/api/telemetry/traces?limit=10000"));
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

    /// <inheritdoc />
    protected override ProcessStartInfo Command() =>
        new(
            "dotnet",
            [
                "aspire",
                "dashboard",
                "run",
                "--allow-anonymous",
                "--non-interactive",
                "--frontend-url",
                $"http://127.0.0.1:{Port}",
                "--otlp-grpc-url",
                OtlpEndpoint,
                "--otlp-http-url",
                $"http://127.0.0.1:{_httpPort}",
            ]
        );

    /// <inheritdoc />
    protected override async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{Port}/api/telemetry/resources"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

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
