using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Controllers of Kegbot's, by their own protocol.</summary>
[Collection(nameof(ServersCollection))]
public sealed class KegboardTests(Servers servers)
{
    private const string Device = "kegboard-a1b2c3";
    private const string FirstPour = "9b0e6a11-2f4c-49d3-8f6a-c1d2e3f40517";
    private const string SecondPour = "0d4f9b82-6e3a-4c15-a7b8-2c9d0e1f6a3b";

    // Two pours that waited for the server, and a heartbeat, with members that this version of the protocol does not have.
    private const string Batch = $$$"""
        {"v":1,"device":"{{{Device}}}","boot_id":"9f3a2c1b","sent_uptime_ms":7523000,"battery":1,"events":[
          {"id":17,"type":"pour","age_ms":912000,"data":{"meter":0,"pour_id":"{{{FirstPour}}}","volume_ml":473.1,"duration_ms":9800,
            "user":"mikey","ticks":2557,"ml_per_tick":0.185,"tick_series":"0:3 100:14"}},
          {"id":18,"type":"pour","age_ms":402000,"data":{"meter":1,"pour_id":"{{{SecondPour}}}","volume_ml":355.0,"duration_ms":7100}},
          {"id":19,"type":"pour_update","age_ms":0,"data":{"meter":1,"pour_id":"x","volume_ml":1,"duration_ms":1}},
          {"id":20,"type":"from_the_future","age_ms":0,"data":{}},
          {"id":21,"type":"temperature","age_ms":0,"data":{"sensor":"thermo-28ff641d8fbb0517","temp_c":4.25}},
          {"id":22,"type":"status","age_ms":0,"time":"2026-08-03T18:02:11Z","data":{"state":"heartbeat","fw_version":"2.0.0","uptime_ms":7523000,
            "events_dropped":3,"config":{"heartbeat_ms":60000,"pour_update_ms":1000,"queue_capacity":16},
            "meters":[{"meter":0,"total_ticks":920791,"ml_per_tick":0.185},{"meter":1,"total_ticks":42031,"ml_per_tick":0.185}]}}]}
        """;

    [Fact]
    public async Task One_that_asks_is_let_in_by_a_person_and_what_it_sends_counts_once()
    {
        await using var api = await Api.StartAsync(servers, ("Kegboards:Enabled", "true"));

        Assert.Equal("""{"pairing":{"state":"pending"}}""", await AskAsync(api));
        var asking = (await api.Admin.GetFromJsonAsync<JsonElement>("/api/kegboards")).GetProperty("kegboards").EnumerateArray().Single();
        Assert.Equal((Device, "pending", true), (Text(asking, "device"), Text(asking, "state"), asking.GetProperty("asks").GetBoolean()));

        using (var denied = await api.Admin.PutAsJsonAsync($"/api/kegboards/{Device}", new { denied = true }))
        {
            Assert.Equal(HttpStatusCode.OK, denied.StatusCode);
        }

        Assert.Equal("""{"pairing":{"state":"denied"}}""", await AskAsync(api));
        using (var allowed = await api.Admin.PutAsJsonAsync($"/api/kegboards/{Device}", new { taps = new[] { 7, 8 } }))
        {
            Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        }

        var token = JsonElement.Parse(await AskAsync(api)).GetProperty("pairing").GetProperty("token").GetString()!;
        Assert.StartsWith("kbe_", token, StringComparison.Ordinal);
        // The token is told once.
        Assert.Equal("""{"pairing":{"state":"pending"}}""", await AskAsync(api));

        var before = DateTimeOffset.UtcNow;
        Assert.Equal("""{"commands":[]}""", await SendAsync(api, token, Batch));
        Assert.Equal("""{"commands":[]}""", await SendAsync(api, token, Batch));
        var first = (await api.StoredAsync($"/api/beers/{FirstPour}")).GetProperty("beer");
        Assert.Equal((7, 473.1m, "pint"), (first.GetProperty("tapId").GetInt32(), first.GetProperty("volume").GetDecimal(), Text(first, "type")));
        Assert.InRange(before - first.GetProperty("timestamp").GetDateTimeOffset(), TimeSpan.FromSeconds(900), TimeSpan.FromSeconds(913));
        Assert.Equal(8, (await api.StoredAsync($"/api/beers/{SecondPour}")).GetProperty("beer").GetProperty("tapId").GetInt32());
        await Eventually.TrueAsync(async () => (await ReadingsAsync(api, 7)).Count == 2, "the readings are stored");
        Assert.Equal(2, (await api.GetAsync("/api/beers")).GetProperty("beers").GetArrayLength());
        Assert.Equal(["""{"odometer":920791}""", """{"temperatureC":4.25}"""], (await ReadingsAsync(api, 7)).Order(StringComparer.Ordinal));

        var board = (await api.Admin.GetFromJsonAsync<JsonElement>("/api/kegboards")).GetProperty("kegboards").EnumerateArray().Single();
        Assert.Equal(("allowed", "2.0.0", 3), (Text(board, "state"), Text(board, "firmware"), board.GetProperty("eventsDropped").GetInt32()));

        using var forgotten = await api.Admin.DeleteAsync($"/api/kegboards/{Device}");
        Assert.Equal(HttpStatusCode.NoContent, forgotten.StatusCode);
        Assert.Equal("""{"pairing":{"state":"pending"}}""", await SendAsync(api, token, Batch, HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task What_is_no_batch_is_refused_and_of_one_what_cannot_be_taken_is_set_aside_and_the_rest_is_stored()
    {
        await using var api = await Api.StartAsync(servers, ("Kegboards:Enabled", "true"));
        string[] bodies =
        [
            "",
            "[]",
            """{"v":2,"device":"a","boot_id":"b","sent_uptime_ms":1,"events":[{"id":1,"type":"x","age_ms":0,"data":{}}]}""",
            """{"v":1,"device":"","boot_id":"b","sent_uptime_ms":1,"events":[{"id":1,"type":"x","age_ms":0,"data":{}}]}""",
            """{"v":1,"device":"a\u0000","boot_id":"b","sent_uptime_ms":1,"events":[{"id":1,"type":"x","age_ms":0,"data":{}}]}""",
            """{"v":1,"device":"a","boot_id":null,"sent_uptime_ms":1,"events":[{"id":1,"type":"x","age_ms":0,"data":{}}]}""",
            """{"v":1,"device":"a","boot_id":"b","sent_uptime_ms":1,"events":[]}""",
            """{"v":1,"device":"a","boot_id":"b","sent_uptime_ms":1,"events":[null]}""",
            """{"v":1,"device":"a","boot_id":"b","sent_uptime_ms":1,"events":[{"id":1,"type":"x"}]}""",
        ];
        foreach (var body in bodies)
        {
            using var response = await api.Anonymous.PostAsync("/kegboard-event", new StringContent(body));
            await Api.ProblemAsync(response, 400);
        }

        (await api.Admin.PutAsJsonAsync($"/api/kegboards/{Device}", new { taps = new[] { 7 } })).EnsureSuccessStatusCode();
        var token = JsonElement.Parse(await AskAsync(api)).GetProperty("pairing").GetProperty("token").GetString()!;

        await SendAsync(
            api,
            token,
            $$$"""
            {"v":1,"device":"{{{Device}}}","boot_id":"b","sent_uptime_ms":1,"events":[
              {"id":1,"type":"pour","age_ms":0,"data":{"meter":0,"pour_id":"a drip","volume_ml":3.5,"duration_ms":1}},
              {"id":2,"type":"pour","age_ms":0,"data":{"meter":1,"pour_id":"no tap","volume_ml":300,"duration_ms":1}},
              {"id":3,"type":"pour","age_ms":0,"data":{"meter":0,"volume_ml":300,"duration_ms":1}},
              {"id":4,"type":"temperature","age_ms":0,"data":{"sensor":"a","temp_c":-127}},
              {"id":5,"type":"status","age_ms":0,"data":{}},
              {"id":6,"type":"pour","age_ms":9223372036854775807,"data":{"meter":0,"pour_id":"good, and no UUID","volume_ml":300,"duration_ms":1}},
              {"id":7,"type":"pour","age_ms":0,"data":{"meter":0,"pour_id":"half a pair \ud800","volume_ml":300,"duration_ms":1}},
              {"id":8,"type":"status","age_ms":0,"data":{"fw_version":"1","events_dropped":0,"meters":[null,{"meter":0,"total_ticks":5}]}}]}
            """
        );

        await Eventually.TrueAsync(
            async () => (await api.GetAsync("/api/beers")).GetProperty("beers").GetArrayLength() == 1,
            "the good pour is stored"
        );
        var letters = (await api.Admin.GetFromJsonAsync<JsonElement>("/api/dead-letters")).GetProperty("deadLetters").EnumerateArray().ToList();
        Assert.Equal(
            [
                "There is no glass type for the specified volume",
                $"Meter 1 of the Kegboard '{Device}' has no tap.",
                "A pour of a Kegboard must have 'meter', 'pour_id', 'volume_ml' and 'duration_ms'.",
                "The member 'temperatureC' must be a number from -50 to 150.",
                "A status of a Kegboard must have 'fw_version' and 'events_dropped'.",
                "A pour of a Kegboard must have 'meter', 'pour_id', 'volume_ml' and 'duration_ms'.",
            ],
            letters.Select(letter => Text(letter, "reason"))
        );
        Assert.Contains("a drip", Text(letters[0], "body"), StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await ReadingsAsync(api, 7)) is ["""{"odometer":5}"""], "the meter that is there is read");
    }

    [Fact]
    public async Task It_is_not_there_unless_it_is_asked_for_and_only_an_admin_lets_in()
    {
        var api = await Api.SharedAsync(servers);

        using var missing = await api.Anonymous.PostAsync("/kegboard-event", new StringContent(Batch));
        await Api.ProblemAsync(missing, 404);
        using var stranger = await api.Anonymous.GetAsync("/api/kegboards");
        await Api.ProblemAsync(stranger, 401);
        foreach (
            var body in (object[])[new { }, new { taps = new[] { 0 } }, new { taps = Array.Empty<int>() }, new { taps = new[] { 1 }, denied = true }]
        )
        {
            using var refused = await api.Admin.PutAsJsonAsync($"/api/kegboards/{Device}", body);
            Assert.InRange((int)refused.StatusCode, 400, 422);
        }

        using var unknown = await api.Admin.DeleteAsync("/api/kegboards/nobody");
        await Api.ProblemAsync(unknown, 404);
    }

    private static string Text(JsonElement json, string member) => json.GetProperty(member).GetString()!;

    private static async Task<IReadOnlyList<string>> ReadingsAsync(Api api, int tapId) =>
        [
            .. (await api.GetAsync($"/api/taps/{tapId}/readings"))
                .GetProperty("readings")
                .EnumerateArray()
                .Select(reading => reading.GetProperty("reading").GetRawText()),
        ];

    private static Task<string> AskAsync(Api api) => SendAsync(api, token: null, Batch, HttpStatusCode.Unauthorized);

    private static async Task<string> SendAsync(Api api, string? token, string body, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/kegboard-event") { Content = new StringContent(body) };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await api.Anonymous.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, answer);
        return answer;
    }
}
