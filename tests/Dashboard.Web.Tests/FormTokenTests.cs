using System.Net;
using System.Text.RegularExpressions;
using Testing;

namespace Dashboard.Web.Tests;

[Collection(nameof(ServersCollection))]
public sealed partial class FormTokenTests(Servers servers)
{
    private const string Stale = "This form was open for too long; please send it again.";

    [Fact]
    public async Task A_form_of_one_replica_is_taken_by_another_and_one_with_other_keys_shows_it_again_with_the_name()
    {
        await using var one = await Dashboard.CreateAsync(servers, ("services:ingest-api:http:0", "http://127.0.0.1:1"));
        one.StartServer();
        await using var replica = one.Sibling();
        replica.StartServer();
        // As after a restart with a new database.
        await using var other = await Dashboard.CreateAsync(servers);
        other.StartServer();
        var (cookie, token) = await FormAsync(one);

        var (status, taken) = await SendAsync(replica, cookie, token);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Ingest.Api does not answer.", taken, StringComparison.Ordinal);

        (status, var stale) = await SendAsync(other, cookie, token);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(Stale, stale, StringComparison.Ordinal);
        Assert.Contains("value=\"Ann &lt;b&gt;\"", stale, StringComparison.Ordinal);
        Assert.DoesNotContain("what only ann knows", stale, StringComparison.Ordinal);

        // The form that is shown then is a good one.
        (cookie, token) = await FormAsync(other);
        (_, taken) = await SendAsync(other, cookie, token);
        Assert.DoesNotContain(Stale, taken, StringComparison.Ordinal);
        (status, stale) = await SendAsync(other, cookie, "made up");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(Stale, stale, StringComparison.Ordinal);
    }

    private static async Task<(string Cookie, string Token)> FormAsync(Dashboard dashboard)
    {
        using var client = Client(dashboard);
        using var page = await client.GetAsync("/sign-in");
        var cookie = page.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("taproom-antiforgery=", StringComparison.Ordinal));
        return (cookie.Split(';')[0], Token().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value);
    }

    private static async Task<(HttpStatusCode Status, string Page)> SendAsync(Dashboard dashboard, string cookie, string token)
    {
        using var client = Client(dashboard);
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["_handler"] = "sign-in",
                ["__RequestVerificationToken"] = token,
                ["Form.Name"] = "Ann <b>",
                ["Form.Password"] = "what only ann knows",
            }
        );
        using var answer = await client.PostAsync("/sign-in", form);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static HttpClient Client(Dashboard dashboard) =>
        new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = dashboard.ClientOptions.BaseAddress };

    [GeneratedRegex("""name="__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex Token();
}
