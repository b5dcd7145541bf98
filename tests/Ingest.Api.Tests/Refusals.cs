using System.Net;

namespace Ingest.Api.Tests;

/// <summary>How the API answers while Redis or Postgres is away.</summary>
internal static class Refusals
{
    /// <summary>Two seconds are promised; this is what a client's own time-out allows at the least, on a machine that does much else.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Asserts that each call is answered 503, with when to come again.</summary>
    public static async Task ExpectAsync(params IEnumerable<Task<HttpResponseMessage>> calls)
    {
        // All of them are under way before the first is waited for.
        foreach (var call in calls.ToList())
        {
            using var response = await call.WaitAsync(Patience);
            await Api.ProblemAsync(response, 503);
            Assert.NotNull(response.Headers.RetryAfter);
        }
    }

    /// <summary>Asserts that health says so, in both its forms, and that the process counts as alive all the same.</summary>
    public static async Task ExpectUnhealthyAsync(Api api)
    {
        using var response = await api.Anonymous.GetAsync("/api/healthz").WaitAsync(Patience);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("""{"status":"unhealthy"}""", await response.Content.ReadAsStringAsync());
        using var ready = await api.Anonymous.GetAsync("/health").WaitAsync(Patience);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("Unhealthy", await ready.Content.ReadAsStringAsync());
        using var alive = await api.Anonymous.GetAsync("/alive");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }
}
