using System.Net;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class DocumentsTests(Servers servers)
{
    private static readonly string[] Calls =
    [
        "POST /api/beers",
        "GET /api/alerts",
        "GET /api/beers",
        "POST /api/beers/batch",
        "GET /api/beers/export",
        "GET /api/beers/{id}",
        "GET /api/beers/{id}/trace",
        "DELETE /api/beers/{id}",
        "PATCH /api/beers/{id}",
        "PATCH /api/beers",
        "POST /api/messages",
        "GET /api/messages",
        "GET /api/messages/{id}",
        "POST /api/events",
        "GET /api/events",
        "GET /api/events/{id}",
        "GET /api/taps",
        "POST /api/taps",
        "POST /api/taps/import",
        "GET /api/taps/{id}",
        "PATCH /api/taps/{id}",
        "DELETE /api/taps/{id}",
        "POST /api/taps/{id}/token",
        "POST /api/taps/{id}/commands",
        "GET /api/taps/{id}/calibrations",
        "POST /api/taps/{id}/calibrations",
        "GET /api/taps/{id}/unaccounted",
        "GET /api/taps/{id}/cleaning",
        "PUT /api/taps/{id}/cleaning",
        "DELETE /api/taps/{id}/cleaning",
        "GET /api/taps/{id}/readings",
        "GET /api/taps/{id}/connections",
        "PUT /api/taps/{id}/keg",
        "DELETE /api/taps/{id}/keg",
        "GET /api/kegs",
        "POST /api/kegs",
        "GET /api/kegs/{id}",
        "PATCH /api/kegs/{id}",
        "DELETE /api/kegs/{id}",
        "GET /api/kegs/{id}/yield",
        "POST /api/kegs/{id}/readings",
        "GET /api/beverages",
        "POST /api/beverages",
        "GET /api/beverages/{id}",
        "PATCH /api/beverages/{id}",
        "DELETE /api/beverages/{id}",
        "GET /api/line",
        "POST /api/meters",
        "GET /api/meters",
        "POST /api/meters/import",
        "GET /api/meters/{id}",
        "PATCH /api/meters/{id}",
        "DELETE /api/meters/{id}",
        "POST /api/meters/{id}/poll",
        "GET /api/meters/{id}/readings",
        "POST /api/webhooks",
        "GET /api/webhooks",
        "GET /api/webhooks/{id}",
        "PATCH /api/webhooks/{id}",
        "DELETE /api/webhooks/{id}",
        "POST /api/webhooks/{id}/test",
        "GET /api/webhooks/{id}/deliveries",
        "GET /api/stats",
        "GET /api/stats/hourly",
        "GET /api/stats/purposes",
        "GET /api/stats/variance",
        "GET /api/stats/unaccounted",
        "POST /api/sales",
        "GET /api/sales",
        "DELETE /api/sales/{id}",
        "POST /api/sales/import",
        "GET /api/kegboards",
        "PUT /api/kegboards/{device}",
        "DELETE /api/kegboards/{device}",
        "GET /api/dead-letters",
        "GET /api/dead-letters/{id}",
        "POST /api/dead-letters/{id}/requeue",
        "POST /api/dead-letters/requeue",
        "DELETE /api/dead-letters/{id}",
        "GET /api/users",
        "POST /api/users",
        "GET /api/users/{id}",
        "PATCH /api/users/{id}",
        "DELETE /api/users/{id}",
        "PUT /api/users/current/password",
        "POST /api/sessions",
        "GET /api/sessions/current",
        "DELETE /api/sessions/current",
        "GET /api/audit",
        "GET /api/healthz",
    ];

    [Fact]
    public async Task The_OpenApi_document_names_every_call_and_the_shape_of_bodies()
    {
        var api = await Api.SharedAsync(servers);
        var document = await api.GetAsync("/openapi/v1.json");
        var paths = document.GetProperty("paths");
        var post = paths.GetProperty("/api/beers").GetProperty("post");
        Assert.Equal("PostBeer", post.GetProperty("operationId").GetString());
        Assert.True(post.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _));
        Assert.True(post.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").TryGetProperty("example", out _));
        Assert.True(post.TryGetProperty("security", out _));
        Assert.False(paths.GetProperty("/api/beers").GetProperty("get").TryGetProperty("security", out _));
        Assert.Equal(
            Calls.Order(),
            paths
                .EnumerateObject()
                .SelectMany(path => path.Value.EnumerateObject(), (path, call) => $"{call.Name.ToUpperInvariant()} {path.Name}")
                .Order()
        );
        Assert.All(
            paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject()),
            operation => Assert.True(operation.Value.TryGetProperty("operationId", out _), operation.Value.GetRawText())
        );
    }

    [Fact]
    public async Task The_OpenApi_document_tells_the_types_of_parameters_and_every_error()
    {
        var api = await Api.SharedAsync(servers);
        var paths = (await api.GetAsync("/openapi/v1.json")).GetProperty("paths");
        foreach (
            var call in paths
                .EnumerateObject()
                .SelectMany(path => path.Value.EnumerateObject())
                .Where(call => call.Value.TryGetProperty("parameters", out _))
        )
        {
            foreach (var parameter in call.Value.GetProperty("parameters").EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query"))
            {
                Assert.True(parameter.TryGetProperty("description", out _), parameter.GetRawText());
            }
        }

        var list = paths.GetProperty("/api/beers").GetProperty("get");
        var size = list.GetProperty("parameters").EnumerateArray().Single(parameter => parameter.GetProperty("name").GetString() == "page_size");
        Assert.Equal(
            ("integer", 500),
            (size.GetProperty("schema").GetProperty("type").GetString(), size.GetProperty("schema").GetProperty("maximum").GetInt32())
        );
        var export = paths.GetProperty("/api/beers/export").GetProperty("get");
        Assert.Equal(
            ["beverage", "format", "from", "proposed", "purpose", "tap", "to", "type"],
            export.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()).Order()
        );
        foreach (var call in paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject(), (path, call) => (Path: path.Name, Call: call)))
        {
            var responses = call.Call.Value.GetProperty("responses");
            int[] expected =
            [
                .. call.Path == "/api/healthz" ? (int[])[503] : [429, 503],
                .. call.Call.Value.TryGetProperty("security", out _) ? (int[])[401, 403] : [],
                .. call.Call.Value.TryGetProperty("requestBody", out _) ? (int[])[400, 413] : [],
            ];
            Assert.All(expected, status => Assert.True(responses.TryGetProperty($"{status}", out _), $"{call.Call.Name} {call.Path} {status}"));
        }
    }

    [Fact]
    public async Task The_OpenApi_document_is_good_enough_to_generate_a_client()
    {
        var api = await Api.SharedAsync(servers);
        var document = await api.GetAsync("/openapi/v1.json");
        var calls = document
            .GetProperty("paths")
            .EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject())
            .Select(call => call.Value)
            .ToList();
        Assert.Equal(calls.Count, calls.Select(call => call.GetProperty("operationId").GetString()).Distinct().Count());
        foreach (var call in calls)
        {
            var name = call.GetProperty("operationId").GetString();
            if (call.TryGetProperty("requestBody", out var body))
            {
                Assert.True(body.GetProperty("content").EnumerateObject().All(content => content.Value.TryGetProperty("example", out _)), name);
            }

            var responses = call.GetProperty("responses").EnumerateObject().ToList();
            Assert.True(responses.Any(response => response.Name[0] == '2'), name);
            foreach (var error in responses.Where(response => response.Name[0] is '4' or '5' && name != "GetHealth"))
            {
                Assert.Equal(["application/problem+json"], error.Value.GetProperty("content").EnumerateObject().Select(content => content.Name));
            }
        }

        var schemas = document.GetProperty("components").GetProperty("schemas");
        var beer = schemas.GetProperty("Beer").GetProperty("properties");
        Assert.Equal(
            [("volume", "number"), ("timestamp", "string"), ("tapId", "integer")],
            ((string[])["volume", "timestamp", "tapId"]).Select(member => (member, beer.GetProperty(member).GetProperty("type").GetString()!))
        );
        var size = schemas.GetProperty("KegPost").GetProperty("properties").GetProperty("sizeMl");
        Assert.Equal(
            ("number", 0.001m, 1_000_000_000),
            (size.GetProperty("type").GetString(), size.GetProperty("minimum").GetDecimal(), size.GetProperty("maximum").GetDecimal())
        );
        Assert.True(schemas.GetProperty("ProblemDetails").GetProperty("properties").TryGetProperty("errors", out _));
        Assert.Contains("/sockets/beers", document.GetProperty("info").GetProperty("description").GetString());
    }

    [Fact]
    public async Task Swagger_UI_is_at_api()
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.Anonymous.GetAsync("/api");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("swagger-ui", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_MQTT_contract_is_served_as_it_stands_in_docs_and_as_a_page()
    {
        var api = await Api.SharedAsync(servers);
        using var document = await api.Anonymous.GetAsync("/asyncapi.yaml");
        Assert.Equal("application/yaml", document.Content.Headers.ContentType?.MediaType);
        var written = await File.ReadAllTextAsync(Path.Combine(LocalServer.Repository, "docs/asyncapi.yaml"));
        Assert.Equal(written, await document.Content.ReadAsStringAsync());

        var page = await api.Anonymous.GetStringAsync("/asyncapi");
        string[] parts =
        [
            "<code>taps/{tapId}/pours</code> Tap to Taproom, QoS 1.",
            "<code>notices/report</code> Taproom to tap, QoS 0.",
            "<td><code>volume</code></td><td>number 100 to 1000, optional</td>",
            "<td>0x99</td><td>There is no glass type for the specified volume</td>",
            "&quot;traceparent&quot;: &quot;00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01&quot;",
        ];
        Assert.All(parts, part => Assert.Contains(part, page));
    }

    [Fact]
    public async Task Health_is_told_in_the_known_words()
    {
        var api = await Api.SharedAsync(servers);
        Assert.Equal("""{"status":"healthy"}""", (await api.GetAsync("/api/healthz")).GetRawText());
        Assert.Equal("Healthy", await api.Anonymous.GetStringAsync("/health"));
    }
}
