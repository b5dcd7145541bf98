using System.Net;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class ProtectionTests(Servers servers)
{
    [Fact]
    public async Task A_caller_over_its_rate_gets_429_and_others_do_not()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers, ("RateLimit:PerSecond", "1"), ("RateLimit:Burst", "3"));
        // At once, for on a busy machine one may take a second, in which the next is earned.
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => api.Anonymous.GetAsync("/openapi/v1.json")));
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        var refused = answers.First(answer => answer.StatusCode != HttpStatusCode.OK);
        await Api.ProblemAsync(refused, 429);
        Assert.NotNull(refused.Headers.RetryAfter);
        using var other = await api.PostAsync("/api/beers", """{"tapId":1,"volume":500}""");
        Assert.Equal(HttpStatusCode.Created, other.StatusCode);
    }

    [Fact]
    public async Task Every_answer_has_security_headers()
    {
        var api = await Api.SharedAsync(servers);
        foreach (var path in (string[])["/api/nothing", "/api/healthz", "/api/index.html", "/api/beers?page=0"])
        {
            using var response = await api.Anonymous.GetAsync(path);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Contains("frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task Pages_of_other_origins_are_let_in_only_where_configured()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers, ("Cors:Origins:0", "https://bar.example"));
        Assert.Equal("https://bar.example", await AllowedAsync(api, "https://bar.example"));
        Assert.Null(await AllowedAsync(api, "https://evil.example"));
    }

    private static async Task<string?> AllowedAsync(Api api, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/beers")
        {
            Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "GET" } },
        };
        using var response = await api.Anonymous.SendAsync(request);
        return response.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null;
    }
}
