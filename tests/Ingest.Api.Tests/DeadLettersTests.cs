using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Taproom.Ingest;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class DeadLettersTests(Servers servers)
{
    [Fact]
    public async Task Dead_letters_are_listed_with_their_reason_requeued_and_deleted()
    {
        await using var api = await Api.StartAsync(servers);
        await AppendAsync(api, """{"volume":5}""");
        await AppendAsync(api, "\"\xFF\" not json");
        var letters = await Eventually.ValueAsync(async () => await ListAsync(api) is { Length: 2 } all ? all : null, "both are set aside");
        Assert.All(letters, letter => Assert.NotEqual("", letter.GetProperty("reason").GetString()));
        Assert.Equal("store", letters[0].GetProperty("source").GetString());
        Assert.Equal("""{"volume":5}""", letters[0].GetProperty("body").GetString());

        using var page = await api.Admin.GetAsync("/api/dead-letters?page_size=1");
        var next = Api.NextOf(page)!;
        using var rest = await api.Admin.GetAsync(next);
        Assert.Equal(letters[1].GetRawText(), (await Api.ReadAsync(rest)).GetProperty("deadLetters")[0].GetRawText());

        // Still refused, it comes back under another position.
        using var requeued = await api.Admin.PostAsync($"/api/dead-letters/{letters[0].GetProperty("id")}/requeue", null);
        Assert.Equal(HttpStatusCode.NoContent, requeued.StatusCode);
        var after = await Eventually.ValueAsync(async () => await ListAsync(api) is { Length: 2 } all ? all : null, "it is set aside again");
        Assert.Equal(letters[0].GetProperty("entryId").GetGuid(), after[1].GetProperty("entryId").GetGuid());

        foreach (var letter in after)
        {
            using var deleted = await api.Admin.DeleteAsync($"/api/dead-letters/{letter.GetProperty("id")}");
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            using var gone = await api.Admin.GetAsync($"/api/dead-letters/{letter.GetProperty("id")}");
            await Api.ProblemAsync(gone, 404);
        }

        Assert.Empty(await ListAsync(api));
    }

    [Fact]
    public async Task A_requeued_pour_that_is_good_is_stored_in_the_trace_of_the_letter_and_is_linked_to_the_request()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        await using var api = await Api.StartAsync(servers);
        using var spans = new RecordedSpans("Taproom.Ingest", "Microsoft.AspNetCore");
        var entry = Entry("""{"volume":500}""") with { TraceParent = $"00-{Trace}-b7ad6b7169203331-01" };
        await api.Services.GetRequiredService<IngestStream>().SetAsideAsync(entry, "By mistake.", "test", CancellationToken.None);
        var letter = Assert.Single(await ListAsync(api));
        Assert.Equal(Trace, letter.GetProperty("traceId").GetString());

        using var requeued = await api.Admin.PostAsync($"/api/dead-letters/{letter.GetProperty("id")}/requeue", null);

        await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync($"/api/beers/{entry.Id}")).IsSuccessStatusCode, "it is stored");
        Assert.Empty(await ListAsync(api));
        var trace = await api.GetAsync($"/api/beers/{entry.Id}/trace");
        Assert.Equal(Trace, trace.GetProperty("traceId").GetString());
        var send = spans.Find("send ingest", entry.Id);
        Assert.Equal((ActivityKind.Producer, Trace, "b7ad6b7169203331"), (send.Kind, $"{send.TraceId}", $"{send.ParentSpanId}"));
        Assert.NotEqual(send.TraceId, Assert.Single(send.Links).Context.TraceId);
        // It ends after what it stored can be read.
        var process = await spans.EndedAsync("process ingest", span => span.ParentSpanId == send.SpanId);
        Assert.Equal(ActivityStatusCode.Unset, process.Status);
    }

    [Fact]
    public async Task A_full_stream_takes_no_dead_letter_back_and_the_letter_stays()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers, ("Ingest:HighWaterMark", "1"));
        await api.PourAsync();
        await api
            .Services.GetRequiredService<IngestStream>()
            .SetAsideAsync(Entry("""{"volume":500}"""), "By mistake.", "test", CancellationToken.None);
        var letter = Assert.Single(await ListAsync(api));
        await Eventually.TrueAsync(
            async () => (await api.PostAsync("/api/messages", "1")).StatusCode is HttpStatusCode.ServiceUnavailable,
            "the stream is found full"
        );
        using var refused = await api.Admin.PostAsync($"/api/dead-letters/{letter.GetProperty("id")}/requeue", null);
        await Api.ProblemAsync(refused, 503);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Single(await ListAsync(api));
    }

    [Fact]
    public async Task A_page_of_large_dead_letters_ends_early_and_its_link_goes_on()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers);
        var stream = api.Services.GetRequiredService<IngestStream>();
        var large = Entry($$"""{"volume":5,"note":"{{new string('x', 60_000)}}"}""");
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => stream.SetAsideAsync(large, "Too little.", "test", CancellationToken.None)));
        var (counts, maxBytes) = await api.PagesAsync("/api/dead-letters?page_size=500");
        Assert.Equal(40, counts.Sum());
        Assert.InRange(maxBytes, 60_000, 1_500_000);
    }

    [Fact]
    public async Task Dead_letters_are_found_by_reason_source_kind_and_tap_and_all_of_them_requeued_at_once()
    {
        await using var api = await Api.StartAsync(servers);
        var stream = api.Services.GetRequiredService<IngestStream>();
        for (var n = 0; n < 60; n++)
        {
            // Of tap 2 each is refused again, of tap 3 none ever goes back.
            var (tap, volume) = (1 + (n % 3), n % 3 == 1 ? 5 : 500);
            await stream.SetAsideAsync(
                Entry($$"""{"volume":{{volume}}}""") with
                {
                    Tap = $"{tap}",
                },
                tap == 1 ? "By mistake." : "By design.",
                tap == 3 ? "bridge" : "test",
                CancellationToken.None,
                isFinal: tap == 3
            );
        }

        Assert.Equal(20, (await ListAsync(api, "?reason=by+MISTAKE&page_size=500")).Length);
        Assert.Equal(20, (await ListAsync(api, "?source=bridge&kind=pour&page_size=500")).Count(letter => letter.GetProperty("final").GetBoolean()));
        Assert.Empty(await ListAsync(api, "?source=bridge&kind=event"));
        var (counts, _) = await api.PagesAsync("/api/dead-letters?tap=2&page_size=8&sort=-failedAt");
        Assert.Equal([8, 8, 4], counts);
        var newest = (await ListAsync(api, "?sort=-failedAt&page_size=1"))[0].GetProperty("id").GetString();
        Assert.Equal(newest, (await ListAsync(api, "?page_size=500"))[^1].GetProperty("id").GetString());
        using var sorted = await api.Admin.GetAsync("/api/dead-letters?sort=reason");
        await Api.ProblemAsync(sorted, 400);

        // What can never be stored is not requeued, and the reason is told.
        var final = (await ListAsync(api, "?tap=3&page_size=1"))[0].GetProperty("id");
        using var never = await api.Admin.PostAsync($"/api/dead-letters/{final}/requeue", null);
        Assert.Contains("By design.", (await Api.ProblemAsync(never, 422)).GetProperty("detail").GetString());
        Assert.Equal(20, (await ListAsync(api, "?tap=3&page_size=500")).Length);

        // A run that went on for long is gone on with, up to what was there when it began.
        string[] ofThree = [.. (await ListAsync(api, "?tap=3&page_size=500")).Select(letter => letter.GetProperty("id").GetString()!)];
        using var part = await api.PostAsync($"/api/dead-letters/requeue?tap=3&after={ofThree[4]}_{ofThree[14]}", "");
        Assert.Equal("""{"requeued":0,"refused":10,"more":false}""", await part.Content.ReadAsStringAsync());
        foreach (var after in (string[])["1-1", $"{ofThree[4]}_", $"{ofThree[4]}_{ofThree[14]}_1-1"])
        {
            using var wrong = await api.PostAsync($"/api/dead-letters/requeue?after={after}", "");
            await Api.ProblemAsync(wrong, 400);
        }

        using var some = await api.PostAsync("/api/dead-letters/requeue?tap=1", "");
        Assert.Equal("""{"requeued":20,"refused":0,"more":false}""", await some.Content.ReadAsStringAsync());
        using var rest = await api.PostAsync("/api/dead-letters/requeue", "");
        Assert.Equal("""{"requeued":20,"refused":20,"more":false}""", await rest.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/stats")).GetProperty("pours").GetInt32() == 20, "the good ones are stored");
        await Eventually.TrueAsync(async () => (await ListAsync(api, "?page_size=500")).Length == 40, "the others are set aside, each once");
        using var anonymous = await api.Anonymous.PostAsync("/api/dead-letters/requeue", null);
        await Api.ProblemAsync(anonymous, 401);
    }

    [Fact]
    public async Task Only_an_admin_sees_dead_letters()
    {
        var api = await Api.SharedAsync(servers);
        using var refused = await api.Anonymous.GetAsync("/api/dead-letters");
        await Api.ProblemAsync(refused, 401);
        using var malformed = await api.Admin.DeleteAsync("/api/dead-letters/x");
        await Api.ProblemAsync(malformed, 404);
    }

    private static async Task<JsonElement[]> ListAsync(Api api, string query = "")
    {
        using var response = await api.Admin.GetAsync($"/api/dead-letters{query}");
        return [.. (await Api.ReadAsync(response)).GetProperty("deadLetters").EnumerateArray()];
    }

    private static Task AppendAsync(Api api, string body) =>
        api.Services.GetRequiredService<IngestStream>().AppendAsync(Entry(body), CancellationToken.None);

    private static IngestEntry Entry(string body) =>
        new()
        {
            Id = Guid.NewGuid(),
            Kind = EntryKinds.Pour,
            Tap = "1",
            ReceivedAt = DateTimeOffset.UtcNow,
            Body = Encoding.Latin1.GetBytes(body),
        };
}
