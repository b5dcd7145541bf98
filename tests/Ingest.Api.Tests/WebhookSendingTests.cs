using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Ingest.Api.Webhooks;
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

    [Fact]
    public async Task Pours_come_in_the_order_of_the_list_each_signed_and_none_from_before_the_hook()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private);
        await api.PourAllAsync((1, 500));
        var hook = await receiver.RegisterAsync(api, "pour.stored");

        await api.PourAllAsync(Enumerable.Range(0, 60).Select(n => (1 + (n % 5), 100m + n)));
        await receiver.ReceivedAsync(60);

        var listed = (await api.GetAsync("/api/beers?page_size=100")).GetProperty("beers").EnumerateArray().Skip(1).ToList();
        Assert.Equal(listed.Select(beer => beer.GetProperty("id").GetGuid()), receiver.Received.Select(message => message.DataId));
        Assert.Equal(listed[7].GetRawText(), receiver.Received.ElementAt(7).Body.GetProperty("data").GetRawText());
        Assert.All(receiver.Received, message => Assert.Equal("pour.stored", message.Type));
        Assert.Equal(60, receiver.Distinct.Count);
        Assert.Empty(receiver.Faults);
        // Each is listed after its answer.
        await Eventually.TrueAsync(async () => (await DeliveredAsync(api, hook)).Count >= 60, "all attempts are listed");
        Assert.Equal(receiver.Received.Select(message => message.Id).Reverse(), await DeliveredAsync(api, hook));
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
        await alerts.ReceivedAsync(1);
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
        await receiver.ReceivedAsync(2);

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

    private static async Task<List<string?>> DeliveredAsync(Api api, Guid hook) =>
        [
            .. (await Api.ReadAsync(await api.Admin.GetAsync($"/api/webhooks/{hook}/deliveries?page_size=500")))
                .GetProperty("deliveries")
                .EnumerateArray()
                .Select(delivery => delivery.GetProperty("messageId").GetString()),
        ];

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
}
