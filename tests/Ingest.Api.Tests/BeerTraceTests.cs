using System.Net;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class BeerTraceTests(Servers servers)
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    [Theory]
    [InlineData("http://localhost:18888/traces", $"http://localhost:18888/traces/detail/{Trace}")]
    [InlineData("", null)]
    public async Task The_trace_of_a_beer_is_told_with_its_link_where_the_dashboard_is_known(string tracesUrl, string? link)
    {
        await using var api = await Api.StartAsync(servers, ("Dashboard:TracesUrl", tracesUrl));
        var id = await PourAsync(api, $"00-{Trace}-b7ad6b7169203331-01");

        // Not waited for until the beer can be read: this call waits itself.
        var trace = await api.StoredAsync($"/api/beers/{id}/trace");

        Assert.Equal(["traceId", "url"], trace.EnumerateObject().Select(member => member.Name));
        Assert.Equal((Trace, link), (trace.GetProperty("traceId").GetString(), trace.GetProperty("url").GetString()));
    }

    [Fact]
    public async Task A_beer_that_came_without_a_trace_is_told_from_one_that_does_not_exist()
    {
        var api = await Api.SharedAsync(servers);
        var untraced = await PourAsync(api, $"00-{Trace}-b7ad6b7169203331-00");
        var deleted = await api.PourAsync();
        using var gone = await api.Admin.DeleteAsync($"/api/beers/{deleted}");

        Assert.Contains("without a trace", await DetailAsync(api, $"{untraced}"));
        Assert.Contains("does not exist", await DetailAsync(api, $"{Guid.NewGuid()}"));
        Assert.Contains("does not exist", await DetailAsync(api, $"{deleted}"));
        await DetailAsync(api, "7");
    }

    private static async Task<string> DetailAsync(Api api, string id)
    {
        using var answer = await api.Anonymous.GetAsync($"/api/beers/{id}/trace");
        return (await Api.ProblemAsync(answer, 404)).GetProperty("detail").GetString()!;
    }

    private static async Task<Guid> PourAsync(Api api, string traceParent)
    {
        // A client that is not traced itself, as that would put its own trace in place of this one.
        using var device = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = api.Anonymous.BaseAddress };
        device.DefaultRequestHeaders.Authorization = api.Admin.DefaultRequestHeaders.Authorization;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/beers")
        {
            Content = Api.Json("""{"tapId":1,"volume":500}"""),
            Headers = { { "traceparent", traceParent } },
        };
        using var answer = await device.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await Api.ReadAsync(answer)).GetProperty("beer").GetProperty("id").GetGuid();
    }
}
