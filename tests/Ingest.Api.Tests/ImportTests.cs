using System.Net;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class ImportTests(Servers servers)
{
    [Fact]
    public async Task Taps_are_imported_line_by_line()
    {
        await using var api = await Api.StartAsync(servers);
        Assert.Equal(
            [(1, 201), (2, 400), (4, 400), (5, 200), (6, 201)],
            await ImportAsync(
                api,
                "/api/taps/import",
                """
                {"id":1,"name":"one"}
                not json

                {"id":0,"name":"none"}
                {"id":1,"name":"uno"}
                {"id":2,"name":"two"}
                """
            )
        );
        Assert.Equal(
            ["uno", "two"],
            (await api.GetAsync("/api/taps")).GetProperty("taps").EnumerateArray().Select(tap => tap.GetProperty("name").GetString()!)
        );
    }

    [Fact]
    public async Task Meters_are_imported_line_by_line()
    {
        var api = await Api.SharedAsync(servers);
        Assert.Equal(
            [(1, 201), (2, 400)],
            await ImportAsync(
                api,
                "/api/meters/import",
                """
                {"id":"i002738","kind":"json","address":"http://127.0.0.1:1/","user":"a","password":"b","active":false}
                {"id":"i002739","kind":"json"}
                """
            )
        );
        Assert.Equal("i002738", (await api.GetAsync("/api/meters/i002738")).GetProperty("id").GetString());
        await Api.ProblemAsync(await api.Anonymous.GetAsync("/api/meters/i002739"), 404);
        using var empty = await api.PostAsync("/api/meters/import", "\n\n");
        await Api.ProblemAsync(empty, 400);
    }

    [Theory]
    [InlineData("/api/taps/import")]
    [InlineData("/api/meters/import")]
    public async Task An_import_has_its_limits(string path)
    {
        var api = await Api.SharedAsync(servers);
        using var large = await api.PostLargeAsync(path, new string(' ', 4 * 1024 * 1024 + 1));
        await Api.ProblemAsync(large, 413);
        using var many = await api.PostAsync(path, string.Concat(Enumerable.Repeat("{}\n", 10_001)));
        await Api.ProblemAsync(many, 400);
    }

    private static async Task<List<(int Line, int Status)>> ImportAsync(Api api, string path, string lines)
    {
        using var response = await api.PostAsync(path, lines);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return
        [
            .. (await Api.ReadAsync(response))
                .GetProperty("results")
                .EnumerateArray()
                .Select(result => (result.GetProperty("line").GetInt32(), result.GetProperty("status").GetInt32())),
        ];
    }
}
