using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class BeerListTests(Servers servers)
{
    [Fact]
    public async Task Twelve_beers_come_in_pages_of_three_in_the_order_of_insertion()
    {
        await using var api = await Api.StartAsync(servers, ("Ingest:Partitions", "1"));
        var ids = await api.PourAllAsync(Enumerable.Range(0, 12).Select(n => (n % 3 + 1, 250m + 100 * (n % 2))));

        var pages = new List<JsonElement[]>();
        for (var page = 1; page <= 5; page++)
        {
            pages.Add([.. (await api.GetAsync($"/api/beers?page={page}&page_size=3")).GetProperty("beers").EnumerateArray()]);
        }

        Assert.Equal([3, 3, 3, 3, 0], pages.Select(page => page.Length));
        Assert.Equal(ids, pages.SelectMany(page => page).Select(beer => beer.GetProperty("id").GetGuid()));
        Assert.Equal(6, await CountAsync(api, "?type=half"));
        Assert.Equal(0, await CountAsync(api, "?type=goblet"));
        Assert.Equal(4, await CountAsync(api, "?tap=2"));
        Assert.Equal(2, await CountAsync(api, "?tap=2&type=pint"));
        Assert.Equal(12, await CountAsync(api, "?from=2020-01-01T00:00:00Z&to=2100-01-01"));
        Assert.Equal(0, await CountAsync(api, "?to=2020-01-01"));
    }

    [Fact]
    public async Task The_next_link_leads_through_the_whole_list_once()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        var ids = await api.PourAllAsync(Enumerable.Repeat((tap, 500m), 7));

        foreach (var sort in (string[])["", "&sort=-timestamp"])
        {
            var seen = new List<Guid>();
            var path = $"/api/beers?tap={tap}&page_size=3{sort}";
            while (path is not null)
            {
                using var response = await api.Anonymous.GetAsync(path);
                seen.AddRange((await Api.ReadAsync(response)).GetProperty("beers").EnumerateArray().Select(beer => beer.GetProperty("id").GetGuid()));
                path = Api.NextOf(response);
            }

            Assert.Equal(sort == "" ? ids : ids.Reverse(), seen);
        }
    }

    [Theory]
    [InlineData("page", "0")]
    [InlineData("page", "-1")]
    [InlineData("page", "abc")]
    [InlineData("page", "1.5")]
    [InlineData("page", "99999999999")]
    [InlineData("page_size", "0")]
    [InlineData("page_size", "-1")]
    [InlineData("page_size", "abc")]
    [InlineData("page_size", "1.5")]
    [InlineData("page_size", "501")]
    [InlineData("tap", "x")]
    [InlineData("proposed", "x")]
    [InlineData("from", "04-16-2021x")]
    [InlineData("from", "2026-03-01T20:15:04")]
    [InlineData("from", "2026-03-01T24:00:00Z")]
    [InlineData("from", "2026-03-01T20:15:04.Z")]
    [InlineData("from", "2026-02-29")]
    [InlineData("to", "2026-13-01")]
    [InlineData("sort", "volume")]
    [InlineData("after", "x")]
    public async Task A_wrong_parameter_is_400_and_named(string name, string value)
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.Anonymous.GetAsync($"/api/beers?{name}={value}");
        var problem = await Api.ProblemAsync(response, 400);
        Assert.True(problem.GetProperty("errors").TryGetProperty(name, out _));
    }

    [Theory]
    [InlineData("2016-12-31T23:59:60Z")]
    [InlineData("2026-03-01t20:15:04.12345678901234567890z")]
    [InlineData("2026-03-01T20:15:04%2B23:59")]
    [InlineData("2026-03-01T20:15:04+01:00")]
    [InlineData("2026-03-01%2020:15:04-00:00")]
    [InlineData("0001-01-01T00:00:00%2B14:00")]
    [InlineData("9999-12-31T23:59:59-14:00")]
    [InlineData("2024-02-29")]
    public async Task A_time_of_a_query_is_read_by_the_grammar_that_holds_for_pours(string time)
    {
        var api = await Api.SharedAsync(servers);
        await api.GetAsync($"/api/beers?from={time}");
        await api.GetAsync($"/api/events?from_date={time}");
        await api.GetAsync($"/api/stats/hourly?to={time}");
    }

    [Fact]
    public async Task An_unchanged_page_is_304()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        await api.PourAllAsync((tap, 500));
        using var first = await api.Anonymous.GetAsync($"/api/beers?tap={tap}");
        using var second = await GetIfChangedAsync(api, tap, first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal("", await second.Content.ReadAsStringAsync());

        await api.PourAllAsync((tap, 501));
        using var third = await GetIfChangedAsync(api, tap, first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    private static async Task<int> CountAsync(Api api, string query) =>
        (await api.GetAsync($"/api/beers{query}")).GetProperty("beers").GetArrayLength();

    private static Task<HttpResponseMessage> GetIfChangedAsync(Api api, int tap, EntityTagHeaderValue etag) =>
        api.Anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/api/beers?tap={tap}") { Headers = { IfNoneMatch = { etag } } });
}
