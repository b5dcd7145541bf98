using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ingest.Api.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>What receivers get, and when.</summary>
[Collection(nameof(ServersCollection))]
public sealed class WebhookSendingTests(Servers servers)
{
    private static readonly (string, string?) Private = ("Webhooks:AllowPrivateAddresses", "true");
    private static readonly (string, string?) SoonAgain = ("Webhooks:MaxPause", "00:00:00.5");

    [Fact]
    public async Task Pours_come_in_the_order_of_the_list_each_signed_and_none_from_before_the_hook()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private);
        await api.PourAllAsync((1, 500));
        var hook = await receiver.RegisterAsync(api, "pour.stored");

        await api.PourAllAsync(Enumerable.Range(0, 60).Select(n => (1 + (n % 5), 100m + n)));
        await ReceivedAsync(receiver, 60);

        var listed = (await api.GetAsync("/api/beers?page_size=100")).GetProperty("beers").EnumerateArray().Skip(1).ToList();
        Assert.Equal(listed.Select(beer => beer.GetProperty("id").GetGuid()), receiver.Received.Select(message => message.DataId));
        Assert.Equal(listed[7].GetRawText(), receiver.Received.ElementAt(7).Body.GetProperty("data").GetRawText());
        Assert.All(receiver.Received, message => Assert.Equal("pour.stored", message.Type));
        Assert.Equal(60, receiver.Distinct.Count);
        Assert.Empty(receiver.Faults);
        var deliveries = (await Api.ReadAsync(await api.Admin.GetAsync($"/api/webhooks/{hook}/deliveries?page_size=500"))).GetProperty("deliveries");
        Assert.Equal(
            receiver.Received.Select(message => message.Id).Reverse(),
            deliveries.EnumerateArray().Select(d => d.GetProperty("messageId").GetString())
        );
    }

    [Fact]
    public async Task Events_and_alerts_come_to_who_asked_for_them()
    {
        await using var everything = await WebhookReceiver.StartAsync();
        await using var alerts = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private);
        await everything.RegisterAsync(api, "pour.stored", "event", "alert.began", "alert.ended");
        await alerts.RegisterAsync(api, "alert.began", "alert.ended");

        (await api.PostAsync("/api/taps", """{"id":1,"name":"Bar"}""")).EnsureSuccessStatusCode();
        using var keg = await api.PostAsync("/api/kegs", """{"beverage":"Pils","sizeMl":1000}""");
        var first = (await Api.ReadAsync(keg)).GetProperty("id").GetGuid();
        (await api.Admin.PutAsJsonAsync("/api/taps/1/keg", new { kegId = first })).EnsureSuccessStatusCode();
        await api.PostAsync("/api/events", """{"component":"line","data":{"a":[1]},"email":"a@b.example","environment":"bar","message":"Cleaned"}""");
        await api.PourAllAsync((1, 950));
        await ReceivedAsync(alerts, 1);
        (await api.Admin.DeleteAsync("/api/taps/1/keg")).EnsureSuccessStatusCode();
        await Eventually.TrueAsync(() => Task.FromResult(alerts.Distinct.Any(m => m.Type == "alert.ended")), "the end is told");

        Assert.Equal("alert.began", alerts.Distinct[0].Type);
        Assert.All(alerts.Distinct, message => Assert.StartsWith("keg-", message.Body.GetProperty("data").GetProperty("kind").GetString()));
        Assert.Equal(JsonValueKind.Null, alerts.Distinct[0].Body.GetProperty("data").GetProperty("endedAt").ValueKind);
        var ended = alerts.Distinct.First(message => message.Type == "alert.ended");
        Assert.Equal(ended.Body.GetProperty("timestamp").GetString(), ended.Body.GetProperty("data").GetProperty("endedAt").GetString());
        await Eventually.TrueAsync(
            () =>
                Task.FromResult(
                    everything.Distinct.Select(m => m.Type).ToHashSet().SetEquals(["pour.stored", "event", "alert.began", "alert.ended"])
                ),
            "each kind is told"
        );
        Assert.Equal("Cleaned", everything.Distinct.Single(m => m.Type == "event").Body.GetProperty("data").GetProperty("message").GetString());
        Assert.Empty(everything.Faults);
    }

    [Fact]
    public async Task What_is_refused_is_sent_again_before_anything_else_with_the_same_id_and_body()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private, SoonAgain);
        var hook = await receiver.RegisterAsync(api, "pour.stored");
        receiver.Answer = (_, n, _) => Task.FromResult(n is 2 or 3 or 4 ? StatusCodes.Status500InternalServerError : StatusCodes.Status204NoContent);

        var ids = await api.PourAllAsync((1, 300), (1, 400), (1, 500));
        await ReceivedAsync(receiver, 6);

        Assert.Equal([ids[0], ids[1], ids[1], ids[1], ids[1], ids[2]], receiver.Received.Select(message => message.DataId));
        Assert.Equal(3, receiver.Distinct.Count);
        Assert.Single(receiver.Received.Skip(1).Take(4).Select(message => message.Body.GetRawText()).Distinct());
        Assert.Empty(receiver.Faults);
        await Eventually.TrueAsync(async () => (await DeliveriesAsync(api, hook)).Count == 6, "all attempts are listed");
        var deliveries = await DeliveriesAsync(api, hook);
        Assert.Equal(
            [(1, 204), (4, 204), (3, 500), (2, 500), (1, 500), (1, 204)],
            deliveries.Select(d => (d.GetProperty("attempt").GetInt32(), d.GetProperty("status").GetInt32()))
        );
        Assert.Equal("The receiver answered with status 500.", deliveries[2].GetProperty("error").GetString());
        Assert.Equal(JsonValueKind.Null, (await HookAsync(api, hook)).GetProperty("failingSince").ValueKind);
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_not_followed()
    {
        await using var elsewhere = await WebhookReceiver.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private, SoonAgain);
        receiver.Answer = (_, _, context) =>
        {
            context.Response.Headers.Location = $"{elsewhere.Address}/hook";
            return Task.FromResult(StatusCodes.Status307TemporaryRedirect);
        };
        var hook = await receiver.RegisterAsync(api, "pour.stored");

        await api.PourAllAsync((1, 300));
        await ReceivedAsync(receiver, 2);

        Assert.Equal(
            "The receiver answered with status 307; redirects are not followed.",
            (await HookAsync(api, hook)).GetProperty("lastError").GetString()
        );
        Assert.Empty(elsewhere.Received);
    }

    [Fact]
    public async Task A_receiver_that_hangs_holds_up_no_other_and_its_message_comes_again()
    {
        await using var slow = await WebhookReceiver.StartAsync();
        await using var quick = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private, SoonAgain, ("Webhooks:Timeout", "00:00:02"));
        slow.Answer = async (_, n, context) =>
        {
            await (n == 1 ? Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted) : Task.CompletedTask);
            return StatusCodes.Status200OK;
        };
        var hanging = await slow.RegisterAsync(api, "pour.stored");
        await quick.RegisterAsync(api, "pour.stored");
        await api.PourAllAsync((1, 300));
        await ReceivedAsync(slow, 1);
        var watch = Stopwatch.StartNew();

        await api.PourAllAsync(Enumerable.Repeat((1, 400m), 5));
        await ReceivedAsync(quick, 6);

        Assert.True(slow.Received.Count == 1 || watch.Elapsed > TimeSpan.FromSeconds(1.5), $"{watch.Elapsed}");
        await ReceivedAsync(slow, 7);
        Assert.Equal(slow.Received.First().Id, slow.Received.ElementAt(1).Id);
        Assert.Contains(
            "The receiver did not answer in time.",
            (await DeliveriesAsync(api, hanging)).Select(d => d.GetProperty("error").GetString())
        );
    }

    [Fact]
    public async Task A_receiver_that_is_gone_turns_its_hook_off_which_an_event_tells_and_it_goes_on_where_it_stopped()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private);
        receiver.Answer = (_, n, _) => Task.FromResult(n == 1 ? StatusCodes.Status410Gone : StatusCodes.Status200OK);
        var hook = await receiver.RegisterAsync(api, "pour.stored");

        var ids = await api.PourAllAsync((1, 300), (1, 400));
        var told = await Eventually.ValueAsync<object>(
            async () => (await api.GetAsync("/api/events?component=webhook")).GetProperty("events").EnumerateArray().Cast<object>().SingleOrDefault(),
            "an event tells it"
        );

        var message = ((JsonElement)told).GetProperty("message").GetString()!;
        Assert.Contains(receiver.Address, message);
        Assert.DoesNotContain("/hook", ((JsonElement)told).GetRawText());
        Assert.Equal(hook, ((JsonElement)told).GetProperty("data").GetProperty("webhookId").GetGuid());
        var off = await HookAsync(api, hook);
        Assert.False(off.GetProperty("active").GetBoolean());
        Assert.Contains("410", off.GetProperty("offReason").GetString());
        Assert.Single(receiver.Received);

        using var on = await api.Admin.PatchAsync($"/api/webhooks/{hook}", Api.Json("""{"active":true}"""));
        Assert.Equal(JsonValueKind.Null, (await Api.ReadAsync(on)).GetProperty("offReason").ValueKind);
        await ReceivedAsync(receiver, 3);
        Assert.Equal([ids[0], ids[0], ids[1]], receiver.Received.Select(received => received.DataId));
    }

    [Fact]
    public async Task A_delivery_is_one_span_of_a_producer_linked_to_the_trace_of_its_pour()
    {
        using var spans = new RecordedSpans("Ingest.Api", "Microsoft.AspNetCore", "System.Net.Http", "Taproom.Ingest");
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private, SoonAgain);
        receiver.Answer = (_, n, _) => Task.FromResult(n == 1 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
        await receiver.RegisterAsync(api, "pour.stored");
        var pour = (await api.PourAllAsync((1, 300)))[0];
        await ReceivedAsync(receiver, 2);
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
    public async Task An_answer_without_an_end_counts_by_its_status()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private);
        receiver.Answer = async (_, _, context) =>
        {
            var some = new byte[64 * 1024];
            while (true)
            {
                await context.Response.Body.WriteAsync(some, context.RequestAborted);
            }
        };
        var hook = await receiver.RegisterAsync(api, "pour.stored");

        await api.PourAllAsync((1, 300), (1, 400));

        await Eventually.TrueAsync(async () => (await DeliveriesAsync(api, hook)).Count == 2, "both are told");
        Assert.All(await DeliveriesAsync(api, hook), delivery => Assert.Equal(200, delivery.GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task Without_an_active_hook_nothing_listens_to_the_workers()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private);
        var redis = api.Services.GetRequiredService<IConnectionMultiplexer>();
        var channel = RedisChannel.Literal(api.Services.GetRequiredService<IOptions<IngestOptions>>().Value.ReceiptChannel);
        Assert.Equal(0, await ListenersAsync());

        var hook = await receiver.RegisterAsync(api, "event");
        await Eventually.TrueAsync(async () => await ListenersAsync() == 1, "the API listens");
        await api.Admin.PatchAsync($"/api/webhooks/{hook}", Api.Json("""{"active":false}"""));
        await Eventually.TrueAsync(async () => await ListenersAsync() == 0, "it listens no more");

        Task<long> ListenersAsync() => redis.GetServers().Single().SubscriptionSubscriberCountAsync(channel);
    }

    [Fact]
    public async Task A_kind_that_is_added_begins_then_and_one_that_was_there_goes_on()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private);
        var hook = await receiver.RegisterAsync(api, "pour.stored");
        await EventAsync(api, "before");
        await api.Admin.PatchAsync($"/api/webhooks/{hook}", Api.Json("""{"active":false}"""));
        await api.PourAllAsync((1, 300));

        using var patched = await api.Admin.PatchAsync($"/api/webhooks/{hook}", Api.Json("""{"kinds":["event","pour.stored"],"active":true}"""));
        await EventAsync(api, "after");
        await ReceivedAsync(receiver, 2);

        Assert.Equal(["pour.stored", "event"], receiver.Received.Select(message => message.Type));
        Assert.Equal("after", receiver.Received.Last().Body.GetProperty("data").GetProperty("message").GetString());
    }

    [Fact]
    public async Task The_check_of_docs_webhooks_md_takes_what_is_sent_and_nothing_else()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private);
        var hook = await receiver.RegisterAsync(api, "event");
        using var tested = await api.Admin.PostAsync($"/api/webhooks/{hook}/test", null);
        var sent = receiver.Received.Single();

        Assert.Equal("True", await CheckAsync(WebhookReceiver.Secret, sent, sent.Raw));
        Assert.Equal("False", await CheckAsync(WebhookReceiver.Secret, sent, sent.Raw + " "));
        Assert.Equal("False", await CheckAsync(WebhookSecrets.Create(), sent, sent.Raw));
    }

    private static async Task<string> CheckAsync(string secret, Received sent, string body)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(LocalServer.Repository, "docs/webhooks.md"));
        var script =
            page.Split("```python\n")[1].Split("```")[0]
            + "\nimport sys\nprint(is_from_taproom(sys.argv[1], dict(zip(sys.argv[2:8:2], sys.argv[3:8:2])), sys.argv[8].encode()))";
        string[] headers = ["webhook-id", sent.Id, "webhook-timestamp", $"{sent.At.ToUnixTimeSeconds()}", "webhook-signature", sent.Signature];
        using var python = Process.Start(
            new ProcessStartInfo("python3", ["-c", script, secret, .. headers, body]) { RedirectStandardOutput = true }
        )!;
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return output.Trim();
    }

    private static async Task EventAsync(Api api, string message)
    {
        using var posted = await api.Admin.PostAsJsonAsync(
            "/api/events",
            new
            {
                component = "line",
                data = 1,
                email = "a@b.example",
                environment = "bar",
                message,
            }
        );
        var id = (await Api.ReadAsync(posted)).GetProperty("id").GetGuid();
        await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync($"/api/events/{id}")).IsSuccessStatusCode, "the event is stored");
    }

    private static Task ReceivedAsync(WebhookReceiver receiver, int count) =>
        Eventually.TrueAsync(() => Task.FromResult(receiver.Received.Count >= count), $"{count} messages were received", TimeSpan.FromSeconds(40));

    private static async Task<JsonElement> HookAsync(Api api, Guid hook) => await Api.ReadAsync(await api.Admin.GetAsync($"/api/webhooks/{hook}"));

    private static async Task<IReadOnlyList<JsonElement>> DeliveriesAsync(Api api, Guid hook) =>
        [.. (await Api.ReadAsync(await api.Admin.GetAsync($"/api/webhooks/{hook}/deliveries"))).GetProperty("deliveries").EnumerateArray()];
}
