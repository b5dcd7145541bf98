using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class BeersTests(Servers servers)
{
    [Fact]
    public async Task A_posted_beer_is_answered_as_the_first_server_did_and_can_be_read_back()
    {
        var api = await Api.SharedAsync(servers);

        using var posted = await api.PostAsync("/api/beers", """{"tapId":7,"volume":300.001}""");

        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        var beer = (await Api.ReadAsync(posted)).GetProperty("beer");
        Assert.Equal(["id", "type", "volume", "timestamp", "tapId"], beer.EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            ("pint", 300.001m, 7),
            (beer.GetProperty("type").GetString(), beer.GetProperty("volume").GetDecimal(), beer.GetProperty("tapId").GetInt32())
        );
        Assert.EndsWith("Z", beer.GetProperty("timestamp").GetString());
        var read = await api.StoredAsync(posted.Headers.Location!.OriginalString);
        Assert.Equal(beer.GetRawText(), read.GetProperty("beer").GetRawText());
    }

    [Theory]
    [InlineData("100", "half")]
    [InlineData("300", "half")]
    [InlineData("300.001", "pint")]
    [InlineData("800", "pint")]
    [InlineData("800.5", "stein")]
    [InlineData("1000", "stein")]
    public async Task The_volume_tells_the_glass_type(string volume, string type)
    {
        var api = await Api.SharedAsync(servers);
        using var posted = await api.PostAsync("/api/beers", $$"""{"tapId":1,"volume":{{volume}}}""");
        Assert.Equal(type, (await Api.ReadAsync(posted)).GetProperty("beer").GetProperty("type").GetString());
    }

    [Fact]
    public async Task What_is_no_beer_is_refused_by_name_and_leaves_nothing_behind()
    {
        await using var api = await Api.StartAsync(servers);
        string[] volumes = ["99.999", "1000.0001", "0", "-5", "\"500\"", "null", "true", "[]", "1e400", "NaN"];
        foreach (var volume in volumes)
        {
            using var refused = await api.PostAsync("/api/beers", $$"""{"tapId":1,"volume":{{volume}}}""");
            var problem = await Api.ProblemAsync(refused, 400, 422);
            if (volume != "NaN")
            {
                Assert.True(problem.GetProperty("errors").TryGetProperty("volume", out _));
            }
        }

        string[] bodies =
        [
            "not json",
            "",
            "[]",
            "5",
            "null",
            """{"tapId":1}""",
            """{"volume":500}""",
            """{"tapId":0,"volume":500}""",
            """{"tapId":"1","volume":500}""",
            """{"tapId":1.5,"volume":500}""",
            """{"tapId":1,"volume":500,"volume":500}""",
            """{"tapId":1,"volume":500,"id":"x"}""",
            """{"tapId":1,"volume":500,"pouredAt":"yesterday"}""",
            $$"""{"tapId":1,"volume":500,"x":{{new string('[', 100)}}{{new string(']', 100)}}}""",
        ];
        foreach (var body in bodies)
        {
            using var refused = await api.PostAsync("/api/beers", body);
            await Api.ProblemAsync(refused, 400, 422);
        }

        using var invalidUtf8 = await api.Admin.PostAsync(
            "/api/beers",
            new ByteArrayContent([.. "{\"tapId\":1,\"volume\":500,\"x\":\""u8, 0xFF, .. "\"}"u8])
        );
        await Api.ProblemAsync(invalidUtf8, 400);
        await api.PourAllAsync((2, 500));
        Assert.Equal(1, (await api.GetAsync("/api/beers")).GetProperty("beers").GetArrayLength());
    }

    [Fact]
    public async Task The_same_id_again_is_200_and_nothing_new_whether_in_flight_or_stored()
    {
        await using var api = await Api.StartAsync(servers);
        await api.StopWorkerAsync();
        await using var replica = api.Sibling();
        var body = $$"""{"tapId":1,"volume":500,"id":"{{Guid.NewGuid()}}"}""";

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(n => Calls.AnsweredAsync(() => (n % 2 == 0 ? api : replica).PostAsync("/api/beers", body)))
        );
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(7, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        var texts = await Task.WhenAll(answers.Select(answer => answer.Content.ReadAsStringAsync()));
        Assert.Single(texts.Distinct());

        await api.StartWorkerAsync();
        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/beers")).GetProperty("beers").GetArrayLength() == 1, "the beer is stored");
        using var again = await api.PostAsync("/api/beers", body.Replace(":500,", ":400,"));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(500, (await Api.ReadAsync(again)).GetProperty("beer").GetProperty("volume").GetDecimal());
    }

    [Fact]
    public async Task Unknown_and_malformed_ids_are_404_at_once_and_other_methods_405()
    {
        var api = await Api.SharedAsync(servers);
        foreach (var id in (string[])[Guid.NewGuid().ToString(), "0", "x", "..."])
        {
            using var missing = await api.Anonymous.GetAsync($"/api/beers/{id}");
            await Api.ProblemAsync(missing, 404);
        }

        using var put = await api.Admin.PutAsync("/api/beers", Api.Json("{}"));
        await Api.ProblemAsync(put, 405);
        Assert.Equal(["GET", "HEAD", "PATCH", "POST"], put.Content.Headers.Allow.Order());
        using var nowhere = new HttpRequestMessage(HttpMethod.Get, "/api/nothing") { Headers = { Accept = { new("text/html") } } };
        await Api.ProblemAsync(await api.Anonymous.SendAsync(nowhere), 404);
    }

    [Fact]
    public async Task An_accepted_beer_and_a_message_are_stored_when_the_worker_comes_back()
    {
        await using var api = await Api.StartAsync(servers);
        await api.StopWorkerAsync();
        var id = await api.PourAsync();
        using var waited = await api.Anonymous.GetAsync($"/api/beers/{id}");
        await Api.ProblemAsync(waited, 404);

        using var message = await api.PostAsync("/api/messages", "1");
        Assert.Equal(HttpStatusCode.Accepted, message.StatusCode);
        var reading = api.StoredAsync($"/api/beers/{id}");
        await api.StartWorkerAsync();
        Assert.Equal(id, (await reading).GetProperty("beer").GetProperty("id").GetGuid());
        Assert.Equal(1, (await api.StoredAsync(message.Headers.Location!.OriginalString)).GetProperty("payload").GetInt32());
    }

    [Fact]
    public async Task A_write_needs_the_admin_key()
    {
        var api = await Api.SharedAsync(servers);
        using var without = await api.Anonymous.PostAsync("/api/beers", Api.Json("""{"tapId":1,"volume":500}"""));
        await Api.ProblemAsync(without, 401);
        Assert.Equal("Bearer", without.Headers.WwwAuthenticate.Single().Scheme);

        using var wrong = new HttpRequestMessage(HttpMethod.Post, "/api/beers")
        {
            Content = Api.Json("""{"tapId":1,"volume":500}"""),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", "wrong-secret") },
        };
        using var refused = await api.Anonymous.SendAsync(wrong);
        var problem = await Api.ProblemAsync(refused, 401);
        Assert.DoesNotContain("wrong-secret", problem.GetRawText());
        Assert.Contains("invalid_token", refused.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task Without_a_configured_key_every_write_is_refused()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers, ("Admin:Key", ""));
        using var response = await api.PostAsync("/api/beers", """{"tapId":1,"volume":500}""");
        await Api.ProblemAsync(response, 401);
    }

    [Fact]
    public async Task A_body_over_64_KiB_is_413()
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.PostLargeAsync("/api/beers", $$"""{"tapId":1,"volume":500,"x":"{{new string('x', 70_000)}}"}""");
        await Api.ProblemAsync(response, 413);
    }

    [Fact]
    public async Task A_full_stream_is_503_with_retry_after()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers, ("Ingest:HighWaterMark", "1"));
        await api.PourAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await api.PostAsync("/api/beers", """{"tapId":1,"volume":500}""");
                return response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null;
            },
            "the stream is found full"
        );
    }

    [Fact]
    public async Task The_trace_of_the_request_goes_on_in_the_stream_and_one_that_is_not_kept_says_so_there()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers);
        const string TraceId = "0af7651916cd43dd8448eb211c80319c";
        // A client that is not traced itself, as that would put its own trace in place of this one.
        using var device = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = api.Anonymous.BaseAddress };
        device.DefaultRequestHeaders.Authorization = api.Admin.DefaultRequestHeaders.Authorization;
        var redis = api.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        var streams = api.Services.GetRequiredService<IOptions<IngestOptions>>().Value.StreamKeys();
        foreach (var flags in (string[])["01", "00"])
        {
            var id = Guid.CreateVersion7();
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/beers")
            {
                Content = Api.Json($$"""{"tapId":1,"volume":500,"id":"{{id}}"}"""),
                Headers = { { "traceparent", $"00-{TraceId}-b7ad6b7169203331-{flags}" } },
            };
            using var response = await device.SendAsync(request);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);

            var entries = (await Task.WhenAll(streams.Select(stream => redis.StreamRangeAsync(stream)))).SelectMany(entries => entries);
            var entry = Assert.Single(entries, entry => entry["id"] == id.ToString());
            var traceparent = entry["traceparent"].ToString();
            Assert.Contains(TraceId, traceparent);
            Assert.EndsWith($"-{flags}", traceparent);
            Assert.DoesNotContain("b7ad6b7169203331", traceparent);
        }
    }
}
