using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class MetersTests(Servers servers)
{
    [Fact]
    public async Task A_good_poll_adds_one_reading_and_counts_it()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers);
        Assert.Equal(HttpStatusCode.Created, (await upstream.RegisterAsync(api, "002738")).StatusCode);
        await api.PourAllAsync((2738, 500));

        using var polled = await api.Admin.PostAsync("/api/meters/002738/poll", null);
        Assert.Equal(HttpStatusCode.OK, polled.StatusCode);
        Assert.Equal(("002738", "ann", Upstream.Password, "<Command><Name>get_instantaneous_demand</Name></Command>"), Assert.Single(upstream.Asked));

        var meter = await Eventually.ValueAsync<object>(
            async () => await api.GetAsync("/api/meters/002738") is var m && m.GetProperty("total_events_logged").GetInt32() == 1 ? m : null,
            "the reading is counted"
        );
        Assert.Equal(((JsonElement)meter).GetProperty("first_timestamp").GetString(), ((JsonElement)meter).GetProperty("last_timestamp").GetString());
        var readings = await api.GetAsync("/api/meters/002738/readings");
        var reading = Assert.Single(readings.GetProperty("readings").EnumerateArray()).GetProperty("reading");
        Assert.Equal(9, reading.EnumerateObject().Count());
        Assert.Equal(0xd8d5b90000001234UL, reading.GetProperty("DeviceMacId").GetUInt64());
        Assert.Equal(
            (0x4ab, 3, 1000),
            (reading.GetProperty("Demand").GetInt32(), reading.GetProperty("Multiplier").GetInt32(), reading.GetProperty("Divisor").GetInt32())
        );
        Assert.Equal("Y", reading.GetProperty("SuppressLeadingZero").GetString());
    }

    [Theory]
    [InlineData("0xFFFFFCEF", -785)]
    [InlineData("0xFFFCEF", -785)]
    [InlineData("0xfffffffffffffcef", -785)]
    [InlineData("0x0004ab", 1195)]
    [InlineData("0x8f3", 2291)]
    public void The_demand_is_signed_by_its_width_and_no_multiplier_or_divisor_is_zero(string demand, long expected)
    {
        var answer = Upstream.Good.Replace("0x0004ab", demand).Replace("0x00000003", "0x00000000").Replace("0x000003e8", "0x0");
        var reading = JsonDocument.Parse(Meters.RainforestAnswer.ToJson(Encoding.UTF8.GetBytes(answer))).RootElement;
        Assert.Equal(
            (expected, 1, 1),
            (reading.GetProperty("Demand").GetInt64(), reading.GetProperty("Multiplier").GetInt32(), reading.GetProperty("Divisor").GetInt32())
        );
        Assert.Equal("15624597891882947124", reading.GetProperty("DeviceMacId").GetRawText());
    }

    [Fact]
    public async Task A_failed_poll_adds_nothing_and_is_recorded_with_the_meter()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Meters:Timeout", "00:00:00.5"));
        await upstream.RegisterAsync(api, "1");
        string[] answers =
        [
            "<Error><Text>no</Text></Error>",
            "not xml",
            Upstream.Good.Replace("Divisor", "Other"),
            Upstream.Good.Replace("0x03", "three"),
        ];
        foreach (var answer in answers)
        {
            upstream.Answer = answer;
            await FailsAsync(api, "1");
        }

        upstream.Answer = Upstream.Good;
        upstream.Delay = _ => TimeSpan.FromMinutes(1);
        await FailsAsync(api, "1");
        using var unreachable = await api.PostAsync(
            "/api/meters",
            $$"""{"id":"2","kind":"json","address":"http://127.0.0.1:{{LocalServer.FreePort()}}","user":"a","password":"b"}"""
        );
        await FailsAsync(api, "2");

        upstream.Delay = _ => TimeSpan.Zero;
        // A busy machine may need longer than half a second for it.
        await Eventually.TrueAsync(async () => (await api.Admin.PostAsync("/api/meters/1/poll", null)).IsSuccessStatusCode, "it answers again");
        await Eventually.TrueAsync(
            async () => (await api.GetAsync("/api/meters/1")).GetProperty("lastError").ValueKind == JsonValueKind.Null,
            "the error is over"
        );
        Assert.Equal(1, (await api.GetAsync("/api/meters/1")).GetProperty("total_events_logged").GetInt32());
    }

    [Fact]
    public async Task Posting_again_changes_credentials_and_keeps_counters_and_no_answer_shows_a_password()
    {
        await using var upstream = await Upstream.StartAsync();
        var api = await Api.SharedAsync(servers);
        var answers = new List<HttpResponseMessage> { await upstream.RegisterAsync(api, "01") };
        await api.Admin.PostAsync("/api/meters/01/poll", null);
        await Eventually.TrueAsync(
            async () => (await api.GetAsync("/api/meters/01")).GetProperty("total_events_logged").GetInt32() == 1,
            "the reading is counted"
        );

        answers.Add(await upstream.RegisterAsync(api, "01", kind: "json", user: "bob"));
        Assert.Equal(HttpStatusCode.OK, answers[1].StatusCode);
        answers.Add(await api.Admin.PatchAsync("/api/meters/01", Api.Json("""{"active":false}""")));
        answers.Add(await api.Anonymous.GetAsync("/api/meters/01"));
        answers.Add(await api.Anonymous.GetAsync("/api/meters"));
        foreach (var answer in answers)
        {
            Assert.DoesNotContain(Upstream.Password, await answer.Content.ReadAsStringAsync());
        }

        var meter = await Api.ReadAsync(answers[3]);
        Assert.Equal(
            ("01", "bob", false, 1),
            (
                meter.GetProperty("id").GetString(),
                meter.GetProperty("user").GetString(),
                meter.GetProperty("active").GetBoolean(),
                meter.GetProperty("total_events_logged").GetInt32()
            )
        );
        using var polled = await api.Admin.PostAsync("/api/meters/01/poll", null);
        var auth = (await Api.ReadAsync(polled)).GetProperty("reading").GetProperty("auth").GetString()!;
        Assert.Equal($"bob:{Upstream.Password}", Encoding.UTF8.GetString(Convert.FromBase64String(auth["Basic ".Length..])));

        using var deleted = await api.Admin.DeleteAsync("/api/meters/01");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await Api.ProblemAsync(await api.Admin.DeleteAsync("/api/meters/01"), 404);
    }

    [Fact]
    public async Task A_user_and_a_password_of_any_letters_reach_the_meter_in_UTF_8()
    {
        await using var upstream = await Upstream.StartAsync();
        var api = await Api.SharedAsync(servers);
        using var registered = await api.PostAsync(
            "/api/meters",
            $$"""{"id":"utf-8","kind":"rainforest","address":"{{upstream.Address}}","user":"jörg","password":"gehéim€"}"""
        );
        Assert.Equal(HttpStatusCode.Created, registered.StatusCode);
        using var polled = await api.Admin.PostAsync("/api/meters/utf-8/poll", null);
        Assert.Equal(HttpStatusCode.OK, polled.StatusCode);
        var asked = Assert.Single(upstream.Asked);
        Assert.Equal(("jörg", "gehéim€"), (asked.User, asked.Password));
    }

    [Fact]
    public async Task A_missing_or_wrong_member_is_named_and_writes_need_the_admin_key()
    {
        var api = await Api.SharedAsync(servers);
        var meter = new Dictionary<string, object?>
        {
            ["id"] = "1",
            ["kind"] = "json",
            ["address"] = "http://127.0.0.1/",
            ["user"] = "a",
            ["password"] = "b",
        };
        foreach (var member in meter.Keys)
        {
            foreach (var wrong in (object?[])[null, 5, "", "ftp://\n"])
            {
                using var refused = await api.Admin.PostAsJsonAsync("/api/meters", new Dictionary<string, object?>(meter) { [member] = wrong });
                var problem = await Api.ProblemAsync(refused, 400);
                Assert.True(problem.GetProperty("errors").TryGetProperty(member, out _));
            }
        }

        using var anonymous = await api.Anonymous.PostAsJsonAsync("/api/meters", meter);
        await Api.ProblemAsync(anonymous, 401);
        using var stranger = api.With("wrong-secret");
        foreach (
            var refused in (HttpResponseMessage[])
                [
                    await stranger.PostAsJsonAsync("/api/meters", meter),
                    await stranger.PatchAsync("/api/meters/1", Api.Json("""{"active":false}""")),
                    await stranger.DeleteAsync("/api/meters/1"),
                    await stranger.PostAsync("/api/meters/import", Api.Json("{}")),
                ]
        )
        {
            Assert.DoesNotContain("wrong-secret", (await Api.ProblemAsync(refused, 401)).GetRawText());
        }
    }

    [Theory]
    [InlineData("json", "a:b", "c:d", "user")]
    [InlineData("json", "a", " c:d ", null)]
    [InlineData("rainforest", "a:b", "c:d", null)]
    [InlineData("rainforest", " a", "c", "user")]
    [InlineData("rainforest", "a", "c ", "password")]
    public async Task What_a_meter_of_a_kind_can_never_be_sent_is_refused_by_name(string kind, string user, string password, string? wrong)
    {
        var api = await Api.SharedAsync(servers);
        var (first, second) = ($"{Api.NewTap()}", $"{Api.NewTap()}");
        var meter = new
        {
            id = first,
            kind,
            address = "http://127.0.0.1:1/",
            user,
            password,
            active = false,
        };
        var other = new
        {
            id = second,
            kind = kind == "json" ? "rainforest" : "json",
            address = "http://127.0.0.1:1/",
            user = "a",
            password = "b",
            active = false,
        };
        using var ready = await api.Admin.PostAsJsonAsync("/api/meters", other);
        Assert.Equal(HttpStatusCode.Created, ready.StatusCode);

        using var posted = await api.Admin.PostAsJsonAsync("/api/meters", meter);
        using var imported = await api.Admin.PostAsJsonAsync("/api/meters/import", meter);
        using var patched = await api.Admin.PatchAsJsonAsync(
            $"/api/meters/{second}",
            new
            {
                kind,
                user,
                password,
            }
        );

        var line = (await Api.ReadAsync(imported)).GetProperty("results")[0];
        Assert.Equal(wrong, line.TryGetProperty("member", out var member) ? member.GetString() : null);
        foreach (var response in (HttpResponseMessage[])[posted, patched])
        {
            Assert.Equal(wrong is null, response.IsSuccessStatusCode);
            if (wrong is not null)
            {
                Assert.True((await Api.ProblemAsync(response, 400)).GetProperty("errors").TryGetProperty(wrong, out _));
            }
        }
    }

    [Fact]
    public async Task A_call_that_polls_waits_longer_for_the_meter_than_others_wait_for_the_stores()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Meters:Timeout", "00:01:00"));
        await upstream.RegisterAsync(api, "7");
        upstream.Delay = _ => TimeSpan.FromSeconds(3);

        using var polled = await api.Admin.PostAsync("/api/meters/7/poll", null);

        Assert.True(polled.StatusCode == HttpStatusCode.OK, await polled.Content.ReadAsStringAsync());
    }

    private static async Task FailsAsync(Api api, string id)
    {
        using var polled = await api.Admin.PostAsync($"/api/meters/{id}/poll", null);
        Assert.Equal(HttpStatusCode.BadGateway, polled.StatusCode);
        var meter = await api.GetAsync($"/api/meters/{id}");
        Assert.Equal(0, meter.GetProperty("total_events_logged").GetInt32());
        Assert.NotEqual("", meter.GetProperty("lastError").GetString());
    }
}
