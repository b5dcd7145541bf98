using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Ingest.Api.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Spans and measures of attempts.</summary>
[Collection(nameof(ServersCollection))]
public sealed class WebhookTelemetryTests(Servers servers)
{
    private static readonly (string, string?) Private = ("Webhooks:AllowPrivateAddresses", "true");
    private static readonly (string, string?) SoonAgain = ("Webhooks:MaxPause", "00:00:00.5");

    [Fact]
    public async Task A_delivery_is_one_span_of_a_producer_linked_to_the_trace_of_its_pour()
    {
        using var spans = new RecordedSpans("Ingest.Api", "Microsoft.AspNetCore", "System.Net.Http", "Taproom.Ingest");
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private, SoonAgain);
        receiver.Answer = (_, n, _) => Task.FromResult(n == 1 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
        await receiver.RegisterAsync(api, "pour.stored");
        var pour = (await api.PourAllAsync((1, 300)))[0];
        await receiver.ReceivedAsync(2);
        var id = receiver.Received.First().Id;

        await Eventually.TrueAsync(() => Task.FromResult(Sent().Count == 2), "both spans have ended");

        Assert.All(
            Sent(),
            span =>
                Assert.Equal(
                    (ActivityKind.Producer, "send", "127.0.0.1"),
                    (span.Kind, span.GetTagItem("messaging.operation.name"), span.GetTagItem("server.address"))
                )
        );
        Assert.Equal((ActivityStatusCode.Error, "503"), (Sent()[0].Status, Sent()[0].GetTagItem("error.type")));
        Assert.Equal((ActivityStatusCode.Unset, null), (Sent()[1].Status, Sent()[1].GetTagItem("error.type")));
        Assert.All(Sent(), span => Assert.Equal(spans.Find("send ingest", pour).TraceId, Assert.Single(span.Links).Context.TraceId));
        Assert.DoesNotContain(spans.Ended, span => span.Source.Name == "System.Net.Http" && Sent().Any(sent => sent.TraceId == span.TraceId));

        List<Activity> Sent() =>
            [.. spans.Ended.Where(span => span.OperationName == "send webhook" && id.Equals(span.GetTagItem("messaging.message.id")))];
    }

    [Fact]
    public async Task Attempts_are_measured_by_what_failed_and_never_by_hook()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Webhooks:AllowPrivateAddresses", "true"), ("Webhooks:Timeout", "00:00:03"));
        // Tests that run at the same time have a factory of their own.
        var meters = api.Services.GetRequiredService<IMeterFactory>();
        var counted = new ConcurrentQueue<Dictionary<string, object?>>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument is { Meter.Name: "Ingest.Api", Name: "messaging.client.sent.messages" } && instrument.Meter.Scope == meters)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Enqueue(tags.ToArray().ToDictionary()));
        listener.Start();
        var hook = await receiver.RegisterAsync(api, "event");
        receiver.Answer = async (_, n, context) =>
        {
            await (n == 3 ? Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted) : Task.CompletedTask);
            return n == 2 ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        };

        for (var n = 0; n < 3; n++)
        {
            await api.Admin.PostAsync($"/api/webhooks/{hook}/test", null);
        }

        Assert.Equal([null, "404", "timeout"], counted.Select(tags => (string?)tags.GetValueOrDefault("error.type")));
        Assert.All(counted, tags => Assert.Equal("webhook", tags["messaging.system"]));
        Assert.DoesNotContain(hook.ToString(), counted.SelectMany(tags => tags.Values));
    }
}
