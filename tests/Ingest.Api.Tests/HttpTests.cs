using System.Net;
using System.Text;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>What holds for every resource.</summary>
[Collection(nameof(ServersCollection))]
public sealed class HttpTests(Servers servers)
{
    private static readonly (string Method, string Path, string Body)[] Writes =
    [
        ("POST", "/api/beers", """{"tapId":1,"volume":500,"x":*}"""),
        ("POST", "/api/beers/batch", """[{"tapId":1,"volume":500,"x":*}]"""),
        ("POST", "/api/messages", "*"),
        ("POST", "/api/events", """{"component":"a","environment":"b","email":"a@b.example","message":"c","data":*}"""),
        ("POST", "/api/taps", """{"id":1,"name":"a","x":*}"""),
        ("PATCH", "/api/taps/1", """{"name":"a","x":*}"""),
        ("PUT", "/api/taps/1/keg", """{"kegId":"0199f5a0-0000-7000-8000-000000000001","x":*}"""),
        ("POST", "/api/kegs", """{"beverage":"a","sizeMl":1000,"x":*}"""),
        ("POST", "/api/meters", """{"id":"1","kind":"json","address":"http://x.example/","user":"a","password":"b","x":*}"""),
        ("PATCH", "/api/meters/1", """{"active":true,"x":*}"""),
        ("POST", "/api/taps/1/commands", """{"command":"a","x":*}"""),
        ("POST", "/api/taps/import", """{"id":1,"name":"a","x":*}"""),
        ("POST", "/api/meters/import", """{"id":"1","kind":"json","address":"http://x.example/","user":"a","password":"b","x":*}"""),
    ];

    public static TheoryData<string> Wrongs =>
        [
            "NaN",
            "Infinity",
            "-Infinity",
            "01",
            "+1",
            ".5",
            "1.",
            "0x10",
            "'a'",
            "undefined",
            "True",
            "[1,]",
            "{,}",
            "// a\n1",
            "/* a */1",
            "{\"a\":1,\"a\":2}",
            "[{\"b\":{\"a\":1,\"a\":2}}]",
            "{\"a\":1,\"\\u0061\":2}",
            "\"\xFF\"",
            "\"\xC0\xAF\"",
            "\"\xED\xA0\x80\"",
            "\"\\ud800\"",
            "\"\x01\"",
            "1e400",
            "-1e400",
            "[{\"a\":1E+999}]",
            $"1{new string('0', 400)}",
            Nested(40),
            Nested(20_000),
        ];

    [Theory]
    [MemberData(nameof(Wrongs))]
    public async Task No_resource_takes_what_is_no_strict_JSON(string wrong)
    {
        var api = await Api.SharedAsync(servers);
        foreach (var (method, path, body) in Writes)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path)
            {
                Content = new ByteArrayContent(Encoding.Latin1.GetBytes(body.Replace("*", wrong)))
                {
                    Headers = { ContentType = new("application/json") },
                },
            };
            using var response = await api.Admin.SendAsync(request);
            if (path.EndsWith("/import", StringComparison.Ordinal))
            {
                var lines = (await Api.ReadAsync(response)).GetProperty("results").EnumerateArray().ToList();
                Assert.NotEmpty(lines);
                Assert.All(lines, line => Assert.Equal(400, line.GetProperty("status").GetInt32()));
            }
            else
            {
                await Api.ProblemAsync(response, 400);
            }
        }
    }

    [Fact]
    public async Task Nothing_invalid_is_stored_counted_or_told()
    {
        await using var api = await Api.StartAsync(servers);
        Socket[] sockets =
        [
            await Socket.OpenAsync(api, "/sockets/beers"),
            await Socket.OpenAsync(api, "/sockets/messages"),
            await Socket.OpenAsync(api, "/sockets/events"),
        ];
        foreach (var (method, path, body) in Writes)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = Api.Json(body.Replace("*", "1e400")) };
            using var response = await api.Admin.SendAsync(request);
        }

        foreach (var list in (string[])["beers", "messages", "events", "taps", "kegs", "meters"])
        {
            Assert.Empty((await api.GetAsync($"/api/{list}")).GetProperty(list).EnumerateArray());
        }

        Assert.Equal(0, (await api.GetAsync("/api/stats")).GetProperty("pours").GetInt32());
        // The first that each listener hears of is what is posted now.
        var beer = await api.PourAsync();
        using var message = await api.PostAsync("/api/messages", "1e300");
        using var activity = await api.PostAsync("/api/events", EventsTests.Event(data: "[12345678901234567890123456789012345678901234567890]"));
        Assert.Contains($"{beer}", await sockets[0].ReadAsync());
        Assert.EndsWith(""","payload":1e300}""", await sockets[1].ReadAsync());
        Assert.Contains("[12345678901234567890123456789012345678901234567890]", await sockets[2].ReadAsync());
        foreach (var socket in sockets)
        {
            await socket.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("/api/beers", """{"tapId":1,"volume":1e400}""", "volume")]
    [InlineData("/api/beers", """{"tapId":1,"volume":1e25}""", "volume")]
    [InlineData("/api/beers", """{"tapId":99999999999999999999,"volume":500}""", "tapId")]
    [InlineData("/api/taps", """{"id":99999999999999999999,"name":"a"}""", "id")]
    [InlineData("/api/taps", """{"id":1e400,"name":"a"}""", "id")]
    [InlineData("/api/kegs", """{"beverage":"a","sizeMl":1e400}""", "sizeMl")]
    [InlineData("/api/kegs", """{"beverage":"a","sizeMl":1e25}""", "sizeMl")]
    [InlineData("/api/messages", """{"ok":1,"sum":[{"deep":1e400}]}""", "sum")]
    [InlineData("/api/events", """{"component":"a","environment":"b","email":"a@b.example","message":"c","d\u0061ta":{"x":-1e999}}""", "data")]
    public async Task A_huge_number_is_refused_by_name(string path, string body, string member)
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.PostAsync(path, body);
        var problem = await Api.ProblemAsync(response, 400, 422);
        Assert.True(problem.GetProperty("errors").TryGetProperty(member, out _), problem.GetRawText());
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("events")]
    [InlineData("taps")]
    [InlineData("kegs")]
    [InlineData("meters")]
    [InlineData("dead-letters")]
    public async Task Every_list_checks_its_page(string list)
    {
        var api = await Api.SharedAsync(servers);
        foreach (var query in (string[])["page=0", "page=-1", "page=x", "page=1.5", "page_size=0", "page_size=-3", "page_size=501", "page_size=1e2"])
        {
            using var response = await api.Admin.GetAsync($"/api/{list}?{query}");
            var problem = await Api.ProblemAsync(response, 400);
            Assert.True(problem.GetProperty("errors").TryGetProperty(query.Split('=')[0], out _), problem.GetRawText());
        }
    }

    [Theory]
    [InlineData("PUT", "/api/beers", "GET, HEAD, PATCH, POST")]
    [InlineData("PUT", "/api/beers/0199f5a0-0000-7000-8000-000000000001", "DELETE, GET, HEAD, PATCH")]
    [InlineData("DELETE", "/api/messages", "GET, HEAD, POST")]
    [InlineData("DELETE", "/api/events", "GET, HEAD, POST")]
    [InlineData("PUT", "/api/taps/1", "DELETE, GET, HEAD, PATCH")]
    [InlineData("GET", "/api/taps/1/token", "POST")]
    [InlineData("PATCH", "/api/kegs", "GET, HEAD, POST")]
    [InlineData("PUT", "/api/meters", "GET, HEAD, POST")]
    [InlineData("POST", "/api/stats", "GET, HEAD")]
    [InlineData("POST", "/api/dead-letters", "GET, HEAD")]
    [InlineData("POST", "/api/healthz", "GET, HEAD")]
    [InlineData("POST", "/sockets/beers", "GET, HEAD")]
    public async Task Another_method_is_405_with_those_that_are_known(string method, string path, string allow)
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.Admin.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        await Api.ProblemAsync(response, 405);
        Assert.Equal(allow, string.Join(", ", response.Content.Headers.Allow.Order()));
    }

    [Fact]
    public async Task HEAD_is_answered_as_GET_without_a_body()
    {
        await using var api = await Api.StartAsync(servers);
        var id = (await api.PourAllAsync((1, 500)))[0];
        foreach (
            var path in (string[])["/api/beers", $"/api/beers/{id}", "/api/healthz", "/api/beers/export?format=csv", "/health", "/openapi/v1.json"]
        )
        {
            using var get = await api.Anonymous.GetAsync(path);
            using var head = await api.Anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
            Assert.Equal("", await head.Content.ReadAsStringAsync());
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        }

        using var missing = await api.Anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/api/beers/{Guid.NewGuid()}"));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        using var closed = await api.Anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/dead-letters"));
        Assert.Equal(HttpStatusCode.Unauthorized, closed.StatusCode);
    }

    [Fact]
    public async Task What_is_nowhere_is_404_for_every_method()
    {
        var api = await Api.SharedAsync(servers);
        foreach (var path in (string[])["/api/taps/x", "/api/taps/99999999999", "/api/kegs/x", "/api/messages/1"])
        {
            using var response = await api.Anonymous.GetAsync(path);
            await Api.ProblemAsync(response, 404);
        }

        foreach (
            var path in (string[])
                ["/api/beers/x", "/api/beers/0", "/api/taps/x", "/api/taps/-1", $"/api/meters/{new string('x', 500)}", "/api/dead-letters/1"]
        )
        {
            using var response = await api.Admin.DeleteAsync(path);
            await Api.ProblemAsync(response, 404);
        }

        foreach (var path in (string[])["/", "/nothing", "/api/nothing", "/api/beers/1/2", "/sockets/nothing"])
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete])
            {
                using var response = await api.Admin.SendAsync(new HttpRequestMessage(method, path) { Headers = { Accept = { new("text/html") } } });
                await Api.ProblemAsync(response, 404);
            }
        }
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
