using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ingest.Api.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>The resource, and what it refuses.</summary>
[Collection(nameof(ServersCollection))]
public sealed class WebhooksTests(Servers servers)
{
    [Fact]
    public async Task A_hook_is_made_listed_changed_and_removed_by_the_admin_only()
    {
        await using var api = await Api.StartAsync(servers);
        using var made = await api.PostAsync("/api/webhooks", WebhookPost.Example);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var hook = await Api.ReadAsync(made);
        var path = $"/api/webhooks/{hook.GetProperty("id").GetGuid()}";
        Assert.Equal(path, made.Headers.Location?.ToString());
        Assert.Equal(["pour.stored", "alert.began"], hook.GetProperty("kinds").EnumerateArray().Select(kind => kind.GetString()));
        Assert.True(hook.GetProperty("active").GetBoolean());
        foreach (var n in Enumerable.Range(0, 3))
        {
            await api.PostAsync("/api/webhooks", $$"""{"url":"https://pos.example/{{n}}","kinds":["event"],"active":false}""");
        }

        Assert.Equal([2, 2], (await api.PagesAsync("/api/webhooks?page_size=2")).Counts);
        using var patched = await api.Admin.PatchAsync(path, Api.Json("""{"url":"https://other.example/","kinds":["event"],"active":false}"""));
        Assert.Equal("https://other.example/", (await Api.ReadAsync(patched)).GetProperty("url").GetString());
        Assert.False((await Api.ReadAsync(await api.Admin.GetAsync(path))).GetProperty("active").GetBoolean());
        foreach (
            var call in (string[])
                ["GET /api/webhooks", $"GET {path}", $"GET {path}/deliveries", $"DELETE {path}", $"PATCH {path}", $"POST {path}/test"]
        )
        {
            using var refused = await api.Anonymous.SendAsync(Request(call));
            await Api.ProblemAsync(refused, 401);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await api.Admin.DeleteAsync(path)).StatusCode);
        foreach (var call in (string[])[$"GET {path}", $"GET {path}/deliveries", $"DELETE {path}", $"PATCH {path}", $"POST {path}/test"])
        {
            using var missing = await api.Admin.SendAsync(Request(call));
            await Api.ProblemAsync(missing, 404);
        }

        static HttpRequestMessage Request(string call) =>
            call.Split(' ') is [var method, var path]
                ? new(new HttpMethod(method), path) { Content = method == "PATCH" ? Api.Json("{}") : null }
                : throw new ArgumentException(call);
    }

    [Theory]
    [InlineData("url", "null")]
    [InlineData("url", "5")]
    [InlineData("url", "\"\"")]
    [InlineData("url", "\"pos.example/hook\"")]
    [InlineData("url", "\"/hook\"")]
    [InlineData("url", "\"ftp://pos.example/\"")]
    [InlineData("url", "\"javascript:alert(1)\"")]
    [InlineData("url", "\"https://user:password@pos.example/\"")]
    [InlineData("url", "\"https://\"")]
    [InlineData("kinds", "null")]
    [InlineData("kinds", "[]")]
    [InlineData("kinds", "\"event\"")]
    [InlineData("kinds", "[\"pour\"]")]
    [InlineData("kinds", "[\"webhook.test\"]")]
    [InlineData("kinds", "[null]")]
    [InlineData("kinds", "[\"event\",\"event\"]")]
    [InlineData("secret", "\"\"")]
    [InlineData("secret", "\"b25seS10ZXN0cy1rbm93LXRoaXMtb25lLTMyYnl0ZXM=\"")]
    [InlineData("secret", "\"whsec_dG9vIHNob3J0\"")]
    [InlineData("secret", "\"whsec_not base64, but long enough to be one\"")]
    [InlineData("secret", "\"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"")]
    [InlineData("active", "\"yes\"")]
    [InlineData("filter", "{}")]
    public async Task A_wrong_or_unknown_member_is_named(string member, string value)
    {
        var api = await Api.SharedAsync(servers);
        var members = new Dictionary<string, string>
        {
            ["url"] = "\"https://pos.example/\"",
            ["kinds"] = "[\"event\"]",
            [member] = value,
        };
        var body = $"{{{string.Join(',', members.Select(pair => $"\"{pair.Key}\":{pair.Value}"))}}}";

        using var refused = await api.PostAsync("/api/webhooks", body);

        var problem = await Api.ProblemAsync(refused, 400);
        Assert.True(problem.GetProperty("errors").TryGetProperty(member, out _), problem.GetRawText());
        Assert.Empty((await Api.ReadAsync(await api.Admin.GetAsync("/api/webhooks"))).GetProperty("webhooks").EnumerateArray());
    }

    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://localhost:8338/")]
    [InlineData("http://10.1.2.3/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://224.0.0.1/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[fd00::1]/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[::ffff:192.168.1.1]/")]
    public async Task A_private_address_is_refused_unless_the_option_is_on(string url)
    {
        var api = await Api.SharedAsync(servers);
        using var refused = await api.Admin.PostAsJsonAsync("/api/webhooks", new { url, kinds = (string[])["event"] });
        var problem = await Api.ProblemAsync(refused, 400);
        Assert.Contains("private", problem.GetProperty("errors").GetProperty("url")[0].GetString());
    }

    [Fact]
    public async Task What_turns_out_to_be_a_private_address_is_not_connected_to()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Webhooks:AllowPrivateAddresses", "true"));
        var hook = await receiver.RegisterAsync(api, "event");
        await using var strict = api.Sibling(("Webhooks:AllowPrivateAddresses", "false"));

        using var refused = await strict.Admin.PostAsync($"/api/webhooks/{hook}/test", null);

        Assert.Contains("Webhooks:AllowPrivateAddresses", (await Api.ProblemAsync(refused, 502)).GetProperty("detail").GetString());
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task A_test_call_answers_what_the_receiver_said_and_is_listed_and_the_newest_are_kept()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Webhooks:AllowPrivateAddresses", "true"), ("Webhooks:KeptDeliveries", "3"));
        var hook = await receiver.RegisterAsync(api, "event");

        using var passed = await api.Admin.PostAsync($"/api/webhooks/{hook}/test", null);
        receiver.Answer = (_, n, _) => Task.FromResult(StatusCodes.Status500InternalServerError + n);
        for (var n = 2; n < 7; n++)
        {
            using var failed = await api.Admin.PostAsync($"/api/webhooks/{hook}/test", null);
            Assert.Equal($"The receiver answered with status {500 + n}.", (await Api.ProblemAsync(failed, 502)).GetProperty("detail").GetString());
        }

        var answer = await Api.ReadAsync(passed);
        Assert.Equal(("webhook.test", 200), (answer.GetProperty("kind").GetString(), answer.GetProperty("status").GetInt32()));
        Assert.Equal(answer.GetProperty("messageId").GetString(), receiver.Received.First().Id);
        Assert.Equal(hook, receiver.Received.First().Body.GetProperty("data").GetProperty("webhookId").GetGuid());
        Assert.Empty(receiver.Faults);
        var listed = (await Api.ReadAsync(await api.Admin.GetAsync($"/api/webhooks/{hook}/deliveries"))).GetProperty("deliveries");
        Assert.Equal([506, 505, 504], listed.EnumerateArray().Select(delivery => delivery.GetProperty("status").GetInt32()));
        // It says nothing of what is due.
        Assert.Equal(
            JsonValueKind.Null,
            (await Api.ReadAsync(await api.Admin.GetAsync($"/api/webhooks/{hook}"))).GetProperty("failingSince").ValueKind
        );
    }

    [Fact]
    public async Task A_secret_is_shown_once_where_it_was_made_and_never_else_and_a_new_one_takes_over()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Webhooks:AllowPrivateAddresses", "true"));
        using var made = await api.Admin.PostAsJsonAsync("/api/webhooks", new { url = receiver.Address, kinds = (string[])["event"] });
        var shape = await Api.ReadAsync(made);
        var (path, secret) = ($"/api/webhooks/{shape.GetProperty("id").GetGuid()}", shape.GetProperty("secret").GetString()!);
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", secret);
        receiver.ExpectedKey = secret["whsec_".Length..];
        using var tested = await api.Admin.PostAsync($"{path}/test", null);
        using var patched = await api.Admin.PatchAsJsonAsync(path, new { secret = WebhookReceiver.Secret });
        receiver.ExpectedKey = WebhookReceiver.Key;
        using var testedAgain = await api.Admin.PostAsync($"{path}/test", null);
        using var posted = await api.Admin.PostAsJsonAsync(
            "/api/webhooks",
            new
            {
                url = receiver.Address,
                kinds = (string[])["event"],
                secret = WebhookReceiver.Secret,
            }
        );

        Assert.Equal(2, receiver.Received.Count);
        Assert.Empty(receiver.Faults);
        foreach (
            var answer in (HttpResponseMessage[])
                [
                    tested,
                    patched,
                    testedAgain,
                    posted,
                    await api.Admin.GetAsync("/api/webhooks"),
                    await api.Admin.GetAsync(path),
                    await api.Admin.GetAsync($"{path}/deliveries"),
                    await api.Anonymous.GetAsync("/api/events"),
                ]
        )
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, text);
            Assert.All([secret, WebhookReceiver.Key, "whsec_"], hidden => Assert.DoesNotContain(hidden, text));
        }
    }

    [Theory]
    [InlineData("00:02:00", "00:10:00")]
    [InlineData("00:00:15", "-00:10:00")]
    public async Task Options_out_of_range_end_the_start(string timeout, string pause)
    {
        var fault = Assert.IsType<OptionsValidationException>(
            await Api.RefusedAsync(servers, ("Webhooks:Timeout", timeout), ("Webhooks:MaxPause", pause))
        );
        Assert.Contains(timeout == "00:02:00" ? "Timeout" : "MaxPause", fault.Message);
    }

    [Fact]
    public async Task There_are_a_hundred_hooks_at_most()
    {
        await using var api = await Api.StartAsync(servers);
        for (var n = 0; n < WebhookRegistry.Max; n++)
        {
            using var made = await api.PostAsync("/api/webhooks", """{"url":"https://pos.example/","kinds":["event"],"active":false}""");
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        }

        using var refused = await api.PostAsync("/api/webhooks", WebhookPost.Example);
        await Api.ProblemAsync(refused, 409);
    }
}
