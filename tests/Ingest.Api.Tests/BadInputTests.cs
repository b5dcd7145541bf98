using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Values that a clumsy or hostile client may send, at every place where the OpenAPI document says that one can be sent.</summary>
[Collection(nameof(ServersCollection))]
public sealed class BadInputTests(Servers servers)
{
    private const string SomeId = "0199f5a0-0000-7000-8000-000000000001";
    private static readonly string Long = new('x', 10_000);

    /// <summary>In an address, as it stands there.</summary>
    private static readonly string[] Texts =
    [
        .. (string[])["", "%00", "a%00b", "%ED%A0%80", "%FF", "%F0%9F%8D%BA", "-1", "0", "1.5", "1e400", "NaN", "null", "%7B%7D", "%27%3B--"],
        .. (string[])["2147483648", "9223372036854775807", "-9223372036854775809", "99999999999999999999999999999999"],
        .. (string[])["0001-01-01T00:00:00Z", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59.9999999-14:00", "10000-01-01", "2026-02-30"],
        .. (string[])["1-1", "0-0", "9223372036854775807-9223372036854775807", "1-3155378975999999999", "99999999999999999999-1", "-1--1"],
        Long,
    ];

    /// <summary>In a body, as JSON text.</summary>
    private static readonly string[] Values =
    [
        .. (string[])["null", "true", "[]", "{}", "\"\"", "\" \"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\u00ff\"", $"\"{Long}\""],
        .. (string[])["-1", "0", "-0.0", "1.5", "1e400", "-1e400", "1e308", "1e-400", "NaN", "2147483648", "99999999999999999999999999999999"],
        .. (string[])["0.0004", "0.1234567890123456789012345678901234567890", "\"1\"", $"{new string('[', 40)}{new string(']', 40)}"],
        .. (string[])["\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999-14:00\"", "\"10000-01-01T00:00:00Z\"", "\"03/04/2026\""],
        .. (string[])["\"00000000-0000-0000-0000-000000000000\"", "\"http://[\"", "\"http://a:b@c/\"", "\"\\r\\nX: y\""],
    ];

    private static readonly string[] Bodies =
    [
        "",
        " ",
        "{",
        "[]",
        "{}",
        "1",
        "\"x\"",
        "null",
        "\u00ff",
        new string('[', 20_000),
        "[null]",
        "[[]]",
        "\n\n",
    ];

    [Fact]
    public async Task Nothing_that_a_caller_sends_is_ever_500_and_every_refusal_is_a_problem_document()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":1,"name":"a"}""");
        await api.PostAsync("/api/meters", """{"id":"m","kind":"json","address":"http://127.0.0.1:1/","user":"a","password":"b","active":false}""");
        await api.PourAllAsync((1, 500));
        var document = await api.GetAsync("/openapi/v1.json");
        var faults = new ConcurrentBag<string>();
        var sent = 0;
        var calls = Calls(document).ToList();

        await Parallel.ForEachAsync(
            calls,
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (call, cancellationToken) =>
            {
                // In Latin-1, so that a body can have a byte that is no UTF-8.
                using var request = new HttpRequestMessage(new HttpMethod(call.Method), call.Path)
                {
                    Content = call.Body is null ? null : new ByteArrayContent(Encoding.Latin1.GetBytes(call.Body)),
                };
                using var response = await api.Admin.SendAsync(request, cancellationToken);
                Interlocked.Increment(ref sent);
                if ((int)response.StatusCode < 400)
                {
                    return;
                }

                var isProblem = response.Content.Headers.ContentType?.MediaType == "application/problem+json";
                // Kestrel refuses U+0000 in a path by itself, without a body.
                var isServers = (int)response.StatusCode == 400 && call.Path.Split('?')[0].Contains("%00", StringComparison.Ordinal);
                if ((int)response.StatusCode is 500 or 429 || !(isProblem || isServers))
                {
                    var (path, body) = (Short(call.Path), Short(call.Body));
                    faults.Add(
                        $"{(int)response.StatusCode} {call.Method} {path} {body} {Short(await response.Content.ReadAsStringAsync(cancellationToken))}"
                    );
                }
            }
        );

        Assert.True(faults.IsEmpty, string.Join('\n', faults.Order().Take(50)));
        Assert.InRange(sent, 1_500, int.MaxValue);
        foreach (
            var path in (string[])
                ["/api/beers", "/api/taps", "/api/kegs", "/api/meters", "/api/events", "/api/messages", "/api/stats", "/api/stats/hourly"]
        )
        {
            await api.GetAsync(path);
        }
    }

    [Theory]
    [InlineData("/api/events?component=%00", "component")]
    [InlineData("/api/events?email=a%00b", "email")]
    [InlineData("/api/events?environment=%ED%A0%80", "environment")]
    [InlineData("/api/events?message=%00", "message")]
    [InlineData("/api/meters?after=%00", "after")]
    [InlineData("/api/beers?x%00=1", "x\0")]
    [InlineData("/api/beers/%ED%A0%80", "path")]
    public async Task A_text_that_no_store_can_hold_is_400_and_its_parameter_is_named(string path, string parameter)
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.Anonymous.GetAsync(path);
        var problem = await Api.ProblemAsync(response, 400);
        Assert.True(problem.GetProperty("errors").TryGetProperty(parameter, out _), problem.GetRawText());
    }

    [Theory]
    [InlineData("Authorization")]
    [InlineData("If-None-Match")]
    [InlineData("Origin")]
    [InlineData("Host")]
    [InlineData("Accept")]
    [InlineData("Content-Type")]
    [InlineData("Content-Encoding")]
    [InlineData("traceparent")]
    [InlineData("tracestate")]
    [InlineData("baggage")]
    [InlineData("X-Forwarded-For")]
    public async Task No_header_field_whatever_its_bytes_is_ever_500(string name)
    {
        var api = await Api.SharedAsync(servers);
        foreach (var prefix in (string[])["", "Bearer ", "1.", "00-"])
        {
            foreach (
                var value in (string[])
                    ["", "\0", "a\0b", "\u00ff\u00fe", "\u00ed\u00a0\u0080", "\u00f0\u009f\u008d\u00ba", "\"", "W/\"", ",,,", "*", "\u007f", Long]
            )
            {
                foreach (var (line, body) in ((string, string)[])[("GET /api/beers", ""), ("POST /api/beers", """{"tapId":1,"volume":473}""")])
                {
                    var host = name == "Host" ? "" : "Host: localhost\r\n";
                    var request =
                        $"{line} HTTP/1.1\r\n{host}{name}: {prefix}{value}\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}";
                    await Eventually.TrueAsync(async () => await IsAnsweredAsync(api, request), "an answer other than 503");
                }
            }
        }
    }

    // 503 of a busy machine says that one should come again.
    private static async Task<bool> IsAnsweredAsync(Api api, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(api.Anonymous.BaseAddress!.Host, api.Anonymous.BaseAddress.Port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
        var status = new byte[12];
        await client.GetStream().ReadExactlyAsync(status);
        var code = int.Parse(Encoding.ASCII.GetString(status)[9..], CultureInfo.InvariantCulture);
        Assert.True(code is >= 200 and (<= 499 or 503), $"{code} to {request}");
        return code != 503;
    }

    private static IEnumerable<(string Method, string Path, string? Body)> Calls(JsonElement document)
    {
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var method = operation.Name.ToUpperInvariant();
                var address = Filled(path.Name);
                var parameters = operation.Value.TryGetProperty("parameters", out var all) ? all.EnumerateArray().ToList() : [];
                foreach (var name in parameters.Select(parameter => parameter.GetProperty("name").GetString()!))
                {
                    foreach (var text in Texts)
                    {
                        yield return path.Name.Contains($"{{{name}}}", StringComparison.Ordinal)
                            ? (method, path.Name.Replace($"{{{name}}}", text), null)
                            : (method, $"{address}?{(path.Name.EndsWith("export") && name != "format" ? "format=csv&" : "")}{name}={text}", null);
                    }
                }

                if (operation.Value.TryGetProperty("requestBody", out var body))
                {
                    var content = body.GetProperty("content").EnumerateObject().Single();
                    foreach (var text in content.Name == "text/csv" ? CsvBodiesOf(content.Value) : BodiesOf(content.Value, document))
                    {
                        yield return (method, address, text);
                    }
                }
            }
        }

        foreach (var text in Texts)
        {
            yield return ("GET", $"/sockets/beers?tap={text}", null);
        }
    }

    private static string Filled(string path) =>
        path.Replace(
            "{id}",
            path.StartsWith("/api/taps") ? "1"
                : path.StartsWith("/api/meters") ? "m"
                : path.StartsWith("/api/dead") ? "1-1"
                : SomeId
        );

    private static IEnumerable<string> BodiesOf(JsonElement content, JsonElement document)
    {
        var example = content.GetProperty("example");
        var item = example.ValueKind switch
        {
            JsonValueKind.String => JsonDocument.Parse(example.GetString()!).RootElement,
            JsonValueKind.Array => example[0],
            _ => example,
        };
        var schema = Resolved(content.GetProperty("schema"), document);
        schema = schema.TryGetProperty("items", out var items) ? Resolved(items, document) : schema;
        var members = item.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetRawText());
        string[] names = [.. members.Keys, .. schema.TryGetProperty("properties", out var all) ? all.EnumerateObject().Select(p => p.Name) : []];
        string[] objects =
        [
            .. names
                .Distinct()
                .SelectMany(_ => Values, (name, value) => ToJson(members.Where(member => member.Key != name).Append(new(name, value)))),
            // A member twice, and one of a name that nobody expects.
            .. members.SelectMany(member => (string[])[ToJson(members.Append(member)), ToJson(members.Append(new($"{Long}\\u0000", "1")))]),
        ];
        return [.. Bodies, .. objects.Select(json => example.ValueKind is JsonValueKind.Array ? $"[{json}]" : json)];
    }

    private static IEnumerable<string> CsvBodiesOf(JsonElement content)
    {
        string[][] lines = [.. content.GetProperty("example").GetString()!.TrimEnd().Split('\n').Select(line => line.Split(','))];
        return
        [
            .. Bodies,
            .. lines
                .Index()
                .SelectMany(line => line.Item.Index().SelectMany(_ => Values, (cell, value) => (Line: line.Index, Cell: cell.Index, Value: value)))
                .Select(changed =>
                    string.Join(
                        '\n',
                        lines
                            .Index()
                            .Select(line =>
                                string.Join(
                                    ',',
                                    line.Item.Index()
                                        .Select(cell => (line.Index, cell.Index) == (changed.Line, changed.Cell) ? changed.Value : cell.Item)
                                )
                            )
                    )
                ),
        ];
    }

    private static JsonElement Resolved(JsonElement schema, JsonElement document) =>
        schema.TryGetProperty("oneOf", out var any) ? Resolved(any.EnumerateArray().Last(), document)
        : schema.TryGetProperty("$ref", out var reference)
            ? document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1])
        : schema;

    private static string ToJson(IEnumerable<KeyValuePair<string, string>> members) =>
        $"{{{string.Join(',', members.Select(member => $"\"{member.Key}\":{member.Value}"))}}}";

    private static string? Short(string? text) => text?.Length > 200 ? text[..200] : text;
}
