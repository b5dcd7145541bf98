using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class ExportTests(Servers servers)
{
    [Fact]
    public async Task Every_beer_is_exported_in_order_over_several_pages()
    {
        await using var api = await Api.StartAsync(servers, ("Ingest:Partitions", "1"));
        var items = Enumerable.Range(0, 1_000).Select(n => $$"""{"tapId":{{n % 2 + 1}},"volume":{{100 + n / 2}}.5}""");
        using var posted = await api.PostAsync("/api/beers/batch", $"[{string.Join(',', items)}]");
        var ids = (await Api.ReadAsync(posted))
            .GetProperty("results")
            .EnumerateArray()
            .Select(result => result.GetProperty("beer").GetProperty("id").GetGuid())
            .ToList();
        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/stats")).GetProperty("pours").GetInt32() == 1_000, "all are stored");

        var lines = (await api.Anonymous.GetStringAsync("/api/beers/export?format=jsonl")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(ids, lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetGuid()));
        var csv = (await api.Anonymous.GetStringAsync("/api/beers/export?format=csv&tap=2&type=half")).Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries
        );
        Assert.Equal("id,type,volume,timestamp,tapId,purpose,beverage", csv[0]);
        Assert.Equal(200, csv.Length - 1);
        Assert.StartsWith($"{ids[1]},half,100.5,", csv[1]);
        Assert.EndsWith("Z,2,sale,", csv[1]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?format=xml")]
    [InlineData("?format=csv&tap=x")]
    public async Task A_wrong_parameter_is_400(string query)
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.Anonymous.GetAsync($"/api/beers/export{query}");
        await Api.ProblemAsync(response, 400);
    }
}
