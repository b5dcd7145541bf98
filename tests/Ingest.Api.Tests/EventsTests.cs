using System.Net;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class EventsTests(Servers servers)
{
    private const int Connections = 32;
    private const int EventsOfEach = 100;

    [Fact]
    public async Task An_event_is_answered_with_id_and_created_at_and_can_be_read()
    {
        var api = await Api.SharedAsync(servers);
        using var posted = await api.PostAsync("/api/events", Event(data: """{"a":[1,null,"ü"]}"""));
        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        var created = await Api.ReadAsync(posted);
        Assert.NotEqual(Guid.Empty, created.GetProperty("id").GetGuid());
        Assert.True(created.TryGetProperty("created_at", out _));
        Assert.Equal("""{"a":[1,null,"ü"]}""", created.GetProperty("data").GetRawText());
        Assert.Equal(created.GetRawText(), (await api.StoredAsync(posted.Headers.Location!.OriginalString)).GetRawText());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("0.10")]
    [InlineData("\"\"")]
    [InlineData("false")]
    [InlineData("[]")]
    [InlineData("""{"a":[1,{"b":"\u0000 🍺"}]}""")]
    public async Task The_data_of_an_event_is_any_JSON_value(string data)
    {
        var api = await Api.SharedAsync(servers);
        using var posted = await api.PostAsync("/api/events", Event(data: data));
        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        Assert.Equal(data, (await api.StoredAsync(posted.Headers.Location!.OriginalString)).GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData("component")]
    [InlineData("environment")]
    [InlineData("email")]
    [InlineData("message")]
    public async Task A_missing_mistyped_or_blank_member_is_named(string member)
    {
        var api = await Api.SharedAsync(servers);
        foreach (var value in (string?[])[null, "\"\"", "\"  \"", "5", "null", "[]", "\"\\u0000\""])
        {
            var members = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Event())!;
            members.Remove(member);
            if (value is not null)
            {
                members[member] = JsonDocument.Parse(value).RootElement;
            }

            using var response = await api.PostAsync("/api/events", JsonSerializer.Serialize(members));
            var problem = await Api.ProblemAsync(response, 400);
            Assert.True(problem.GetProperty("errors").TryGetProperty(member, out _), problem.GetRawText());
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("x@")]
    [InlineData("@x")]
    [InlineData("a b@c.de")]
    [InlineData("Ann <ann@bar.example>")]
    public async Task What_is_no_e_mail_address_is_400(string email)
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.PostAsync("/api/events", Event(email: email));
        var problem = await Api.ProblemAsync(response, 400);
        Assert.True(problem.GetProperty("errors").TryGetProperty("email", out _));
    }

    [Fact]
    public async Task Events_are_listed_newest_first_by_all_filters_together()
    {
        await using var api = await Api.StartAsync(servers);
        string[] posted =
        [
            Event("tap", "ann@bar.example", "production", "Line cleaned"),
            Event("tap", "bob@bar.example", "production", "Line 100%_ cleaned"),
            Event("keg", "ann@bar.example", "staging", "Keg changed"),
        ];
        foreach (var body in posted)
        {
            using var response = await api.PostAsync("/api/events", body);
            await api.StoredAsync(response.Headers.Location!.OriginalString);
        }

        Assert.Equal(["Keg changed", "Line 100%_ cleaned", "Line cleaned"], await ListAsync(api, "?email=&component="));
        Assert.Equal(["Line cleaned"], await ListAsync(api, "?email=ann@bar.example&environment=production"));
        Assert.Equal(["Line 100%_ cleaned"], await ListAsync(api, "?message=0%25_"));
        Assert.Equal(["Keg changed"], await ListAsync(api, "?component=keg&from_date=04-16-2021"));
        Assert.Equal(3, (await ListAsync(api, "?from_date=2021-04-16")).Length);
        Assert.Equal(3, (await ListAsync(api, $"?from_date={DateTime.UtcNow:MM-dd-yyyy}")).Length);
        Assert.Empty(await ListAsync(api, "?from_date=01-01-2100"));
        Assert.Empty(await ListAsync(api, "?component=ta"));

        using var first = await api.Anonymous.GetAsync("/api/events?page_size=2");
        var next = Api.NextOf(first)!;
        Assert.Equal(["Line cleaned"], await ListAsync(api, next["/api/events".Length..]));
    }

    [Theory]
    [InlineData("13-01-2021")]
    [InlineData("yesterday")]
    [InlineData("16.04.2021")]
    public async Task A_bad_from_date_is_400(string date)
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.Anonymous.GetAsync($"/api/events?from_date={date}");
        await Api.ProblemAsync(response, 400);
    }

    [Fact]
    public async Task Of_thousands_of_events_over_32_connections_each_is_readable()
    {
        await using var api = await Api.StartAsync(servers);
        var posted = await Task.WhenAll(
            Enumerable
                .Range(0, Connections)
                .Select(async connection =>
                {
                    var ids = new List<Guid>();
                    for (var n = 0; n < EventsOfEach; n++)
                    {
                        using var response = await api.PostAsync("/api/events", Event(message: $"{connection} {n}"));
                        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
                        ids.Add((await Api.ReadAsync(response)).GetProperty("id").GetGuid());
                    }

                    return ids;
                })
        );
        Assert.All(posted, ids => Assert.Equal(EventsOfEach, ids.Count));

        await Eventually.TrueAsync(
            async () => (await api.GetAsync("/api/line")).GetProperty("waiting").GetInt32() == 0,
            "what was accepted last is stored too"
        );

        var stored = new HashSet<Guid>();
        var path = "/api/events?page_size=500";
        while (path is not null)
        {
            using var page = await api.Anonymous.GetAsync(path);
            foreach (var e in (await Api.ReadAsync(page)).GetProperty("events").EnumerateArray())
            {
                Assert.True(stored.Add(e.GetProperty("id").GetGuid()));
            }

            path = Api.NextOf(page);
        }

        Assert.Equal(posted.SelectMany(ids => ids).Order(), stored.Order());
    }

    private static async Task<string[]> ListAsync(Api api, string query) =>
        [.. (await api.GetAsync($"/api/events{query}")).GetProperty("events").EnumerateArray().Select(e => e.GetProperty("message").GetString()!)];

    internal static string Event(
        string component = "tap",
        string email = "ann@bar.example",
        string environment = "production",
        string message = "Cleaned",
        string data = "{}"
    ) => $$"""{"component":"{{component}}","data":{{data}},"email":"{{email}}","environment":"{{environment}}","message":"{{message}}"}""";
}
