using System.Text.Json;
using Ingest.Api.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>How long a receiver that is away is tried, by a clock that the test sets.</summary>
[Collection(nameof(ServersCollection))]
public sealed class WebhookBackoffTests(Servers servers)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task A_receiver_that_is_away_is_tried_for_a_day_with_growing_pauses_and_then_its_hook_is_off()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (_, _, _) => Task.FromResult(StatusCodes.Status503ServiceUnavailable);
        await using var api = await StartAsync();
        var hook = await receiver.RegisterAsync(api, "pour.stored");
        await api.PourAllAsync((1, 300), (1, 400));
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var turn = Turn(api, time);
        var beganAt = time.GetUtcNow();

        var end = await turn.RunAsync(hook, CancellationToken.None);
        for (var failures = 1; end.IsActive; failures++)
        {
            var pause = end.NextAt!.Value - time.GetUtcNow();
            var longest = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
            longest = longest < LongestPause ? longest : LongestPause;
            // Postgres keeps microseconds.
            Assert.True(pause <= longest + TimeSpan.FromMilliseconds(1), $"{failures}: {pause}");
            Assert.True(pause >= longest / 2 || end.NextAt.Value - beganAt > TimeSpan.FromHours(23.9), $"{failures}: {pause}");
            // Before its time nothing is sent.
            time.Advance(pause - TimeSpan.FromMilliseconds(1));
            Assert.True((await turn.RunAsync(hook, CancellationToken.None)).IsActive);
            Assert.Equal(failures, receiver.Received.Count);
            time.Advance(TimeSpan.FromMilliseconds(2));
            end = await turn.RunAsync(hook, CancellationToken.None);
        }

        Assert.InRange(time.GetUtcNow() - beganAt, TimeSpan.FromDays(1), TimeSpan.FromDays(1) + TimeSpan.FromSeconds(2));
        Assert.InRange(receiver.Received.Count, 24 * 6, 24 * 12 + 20);
        Assert.Single(receiver.Distinct);
        Assert.Empty(receiver.Faults);
        Assert.Equal(receiver.Received.Select(message => message.At).Order(), receiver.Received.Select(message => message.At));
        var off = await Api.ReadAsync(await api.Admin.GetAsync($"/api/webhooks/{hook}"));
        Assert.False(off.GetProperty("active").GetBoolean());
        Assert.Contains("The receiver answered with status 503.", off.GetProperty("offReason").GetString());
        // A replica whose process ended before it could tell leaves that to the next.
        await using var next = api.Sibling();
        await Eventually.TrueAsync(
            async () => (await api.GetAsync("/api/events?component=webhook")).GetProperty("events").GetArrayLength() == 1,
            "an event tells it"
        );
    }

    [Fact]
    public async Task A_receiver_that_answers_once_has_a_whole_day_again()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await StartAsync();
        var hook = await receiver.RegisterAsync(api, "pour.stored");
        await api.PourAllAsync((1, 300), (1, 400));
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var turn = Turn(api, time);
        receiver.Answer = (_, n, _) => Task.FromResult(n is 2 ? StatusCodes.Status200OK : StatusCodes.Status500InternalServerError);

        await turn.RunAsync(hook, CancellationToken.None);
        time.Advance(TimeSpan.FromHours(20));
        var end = await turn.RunAsync(hook, CancellationToken.None);

        Assert.Equal(3, receiver.Received.Count);
        Assert.InRange(end.NextAt!.Value - time.GetUtcNow(), FirstPause / 2, FirstPause);
        time.Advance(TimeSpan.FromHours(20));
        Assert.True((await turn.RunAsync(hook, CancellationToken.None)).IsActive);
        Assert.Equal(JsonValueKind.Null, (await Api.ReadAsync(await api.Admin.GetAsync($"/api/webhooks/{hook}"))).GetProperty("offAt").ValueKind);
    }

    // Nobody sends but the test.
    private Task<Api> StartAsync() =>
        Api.StartAsync(
            servers,
            services => services.Remove(services.Single(service => service.ImplementationType == typeof(WebhookSender))),
            ("Webhooks:AllowPrivateAddresses", "true")
        );

    private static WebhookTurn Turn(Api api, FakeTimeProvider time) =>
        ActivatorUtilities.CreateInstance<WebhookTurn>(api.Services, time, ActivatorUtilities.CreateInstance<WebhookClient>(api.Services, time));
}
