using System.Diagnostics;
using System.Text.Json;
using Ingest.Api.Webhooks;
using Microsoft.AspNetCore.Http;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Receivers that refuse, redirect, hang or are gone.</summary>
[Collection(nameof(ServersCollection))]
public sealed class WebhookFailureTests(Servers servers)
{
    private static readonly (string, string?) Private = ("Webhooks:AllowPrivateAddresses", "true");
    private static readonly (string, string?) SoonAgain = ("Webhooks:MaxPause", "00:00:00.5");

    [Fact]
    public async Task What_is_refused_is_sent_again_before_anything_else_with_the_same_id_and_body()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, Private, SoonAgain);
        var hook = await receiver.RegisterAsync(api, "pour.stored");
        receiver.Answer = (_, n, _) => Task.FromResult(n is 2 or 3 or 4 ? StatusCodes.Status500InternalServerError : StatusCodes.Status204NoContent);

        var ids = await api.PourAllAsync((1, 300), (1, 400), (1, 500));
        await receiver.ReceivedAsync(6);

        Assert.Equal([ids[0], ids[1], ids[1], ids[1], ids[1], ids[2]], receiver.Received.Select(message => message.DataId));
        Assert.Equal(3, receiver.Distinct.Count);
        Assert.Single(receiver.Received.Skip(1).Take(4).Select(message => message.Body.GetRawText()).Distinct());
        Assert.Empty(receiver.Faults);
        await Eventually.TrueAsync(async () => (await WebhookReceiver.DeliveriesAsync(api, hook)).Count == 6, "all attempts are listed");
        var deliveries = await WebhookReceiver.DeliveriesAsync(api, hook);
        Assert.Equal(
            [(1, 204), (4, 204), (3, 500), (2, 500), (1, 500), (1, 204)],
            deliveries.Select(d => (d.GetProperty("attempt").GetInt32(), d.GetProperty("status").GetInt32()))
        );
        Assert.Equal("The receiver answered with status 500.", deliveries[2].GetProperty("error").GetString());
        Assert.Equal(JsonValueKind.Null, (await WebhookReceiver.HookAsync(api, hook)).GetProperty("failingSince").ValueKind);
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
        await receiver.ReceivedAsync(2);

        Assert.Equal(
            "The receiver answered with status 307; redirects are not followed.",
            (await WebhookReceiver.HookAsync(api, hook)).GetProperty("lastError").GetString()
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
        await slow.ReceivedAsync(1);
        var watch = Stopwatch.StartNew();

        await api.PourAllAsync(Enumerable.Repeat((1, 400m), 5));
        await quick.ReceivedAsync(6);

        Assert.True(slow.Received.Count == 1 || watch.Elapsed > TimeSpan.FromSeconds(1.5), $"{watch.Elapsed}");
        await slow.ReceivedAsync(7);
        Assert.Equal(slow.Received.First().Id, slow.Received.ElementAt(1).Id);
        Assert.Contains(
            "The receiver did not answer in time.",
            (await WebhookReceiver.DeliveriesAsync(api, hanging)).Select(d => d.GetProperty("error").GetString())
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
        var off = await WebhookReceiver.HookAsync(api, hook);
        Assert.False(off.GetProperty("active").GetBoolean());
        Assert.Contains("410", off.GetProperty("offReason").GetString());
        Assert.Single(receiver.Received);

        using var on = await api.Admin.PatchAsync($"/api/webhooks/{hook}", Api.Json("""{"active":true}"""));
        Assert.Equal(JsonValueKind.Null, (await Api.ReadAsync(on)).GetProperty("offReason").ValueKind);
        await receiver.ReceivedAsync(3);
        Assert.Equal([ids[0], ids[0], ids[1]], receiver.Received.Select(received => received.DataId));
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

        await Eventually.TrueAsync(async () => (await WebhookReceiver.DeliveriesAsync(api, hook)).Count == 2, "both are told");
        Assert.All(await WebhookReceiver.DeliveriesAsync(api, hook), delivery => Assert.Equal(200, delivery.GetProperty("status").GetInt32()));
    }
}
