using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Testing;

namespace Distributed.Tests;

/// <summary>What tests of traces share: one trace of each test, and what the Aspire dashboard has of it.</summary>
public abstract class TracedWay(TaproomApp app)
{
    private protected const string Simulator = "tap-simulator";
    private protected const string Sender = "b7ad6b7169203331";
    private protected static readonly string[] Groups = ["archive", "store"];

    private protected TaproomApp App { get; } = app;

    private protected string TraceId { get; } = ActivityTraceId.CreateRandom().ToHexString();

    private protected string TraceParent => $"00-{TraceId}-{Sender}-01";

    private protected static async Task MetersAreAsync(HttpClient api, bool active)
    {
        var meters = (await api.GetFromJsonAsync<JsonElement>("/api/meters")).GetProperty("meters").EnumerateArray().ToList();
        foreach (var meter in meters)
        {
            using var changed = await api.PatchAsJsonAsync($"/api/meters/{meter.GetProperty("id").GetString()}", new { active });
            changed.EnsureSuccessStatusCode();
        }
    }

    private protected async Task CommandAsync(string command)
    {
        var simulator = App.App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == Simulator);
        var result = await App.App.ResourceCommands.ExecuteCommandAsync(simulator, command);
        Assert.True(result.Success, result.Message);
    }

    private protected static bool IsProcess(TracedSpan span) => span.Name == "process ingest";

    private protected static TracedSpan Only(
        IEnumerable<TracedSpan> spans,
        string service,
        string name,
        ActivityKind kind,
        string? parent,
        Func<TracedSpan, bool>? filter = null
    )
    {
        var span = Assert.Single(
            spans,
            span => span.Service == service && span.Name == name && span.ParentSpanId == parent && filter?.Invoke(span) != false
        );
        Assert.Equal(kind, span.Kind);
        return span;
    }

    /// <summary>An entry is processed by the store and the archive: each in a child of what sent it, linked to its batch, which is linked back.</summary>
    private protected async Task<TracedSpan> ProcessedAsync(IReadOnlyList<TracedSpan> spans, string send)
    {
        var processed = Groups
            .Select(group => Only(spans, "consumer-worker", "process ingest", ActivityKind.Consumer, send, span => span.Group == group))
            .ToList();
        foreach (var process in processed)
        {
            var receive = await LinkedAsync(process);
            Assert.Equal(("consumer-worker", "receive ingest", ActivityKind.Client), (receive.Service, receive.Name, receive.Kind));
            Assert.Equal((null, process.Group), (receive.ParentSpanId, receive.Group));
            Assert.Contains(send, receive.Links);
            Assert.NotEqual(process.TraceId, receive.TraceId);
            var ack = await App.Dashboard.SpanAsync(
                receive.TraceId,
                span => span.Name == "ack ingest" && span.ParentSpanId == receive.SpanId,
                "the batch is acknowledged"
            );
            Assert.Equal((ActivityKind.Client, "ack", "settle"), (ack.Kind, ack["messaging.operation.name"], ack["messaging.operation.type"]));
        }

        return processed[1];
    }

    /// <summary>The one span that another is linked to.</summary>
    private protected Task<TracedSpan> LinkedAsync(TracedSpan span)
    {
        var (trace, linked) = (Assert.Single(span.LinkedTraces), Assert.Single(span.Links));
        return App.Dashboard.SpanAsync(trace, other => other.SpanId == linked, $"the span {linked}");
    }

    private protected Task<TracedSpan[]> TraceAsync(Func<IReadOnlyList<TracedSpan>, bool> isWhole) =>
        App.Dashboard.TraceAsync(TraceId, spans => isWhole(spans) && IsJoined(spans), "the whole trace");

    // Each service sends its spans when it likes.
    private protected static bool IsJoined(IReadOnlyList<TracedSpan> spans) =>
        spans.All(span => span.ParentSpanId is null or Sender || spans.Any(parent => parent.SpanId == span.ParentSpanId));

    private protected async Task<JsonElement> LetterAsync(int tap)
    {
        using var api = App.ApiClient();
        api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);
        object letter = await Eventually.ValueAsync<object>(
            async () =>
                (await api.GetFromJsonAsync<JsonElement>("/api/dead-letters?page_size=500"))
                    .GetProperty("deadLetters")
                    .EnumerateArray()
                    .Where(letter => letter.GetProperty("tap").GetString() == $"{tap}")
                    .Cast<object>()
                    .LastOrDefault(),
            "the dead letter"
        );
        return (JsonElement)letter;
    }

    // With a client that is not traced itself, as that would put its own trace in place of this one.
    private protected async Task PostAsync(string path, string json)
    {
        using var device = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = App.Endpoint("ingest-api") };
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
            Headers = { { "traceparent", TraceParent }, { "Authorization", $"Bearer {TaproomApp.AdminKey}" } },
        };
        using var answer = await device.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
