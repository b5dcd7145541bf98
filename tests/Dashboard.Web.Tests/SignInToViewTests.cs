using System.Net;
using Testing;

namespace Dashboard.Web.Tests;

[Collection(nameof(ServersCollection))]
public sealed class SignInToViewTests(Servers servers)
{
    [Fact]
    public async Task Pages_are_for_everybody_unless_the_option_says_otherwise_and_those_of_admins_never()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        dashboard.StartServer();
        await using var closed = dashboard.With("Dashboard:SignInToView", "true");
        closed.StartServer();

        foreach (
            var path in (string[])
                ["/", "/wall", "/pours", "/line", "/taps/1", "/hubs/pours/negotiate", "/pours/export", "/variance.csv", "/no-such-page"]
        )
        {
            using var open = await AskAsync(dashboard, path);
            Assert.False(IsSentToSignIn(open), path);
            using var refused = await AskAsync(closed, path);
            Assert.True(IsSentToSignIn(refused) || refused.StatusCode is HttpStatusCode.Unauthorized, $"{path} {refused.StatusCode}");
        }

        foreach (var path in (string[])["/manage", "/users", "/audit", "/password"])
        {
            using var refused = await AskAsync(dashboard, path);
            Assert.True(IsSentToSignIn(refused), $"{path} {refused.StatusCode}");
        }

        foreach (var path in (string[])["/sign-in", "/health", "/alive", "/app.css", "/favicon.svg"])
        {
            using var shown = await AskAsync(closed, path);
            Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        }

        // A cookie that nobody gave is no cookie.
        using var made = await AskAsync(closed, "/", "taproom-session=CfDJ8AAAA");
        Assert.True(IsSentToSignIn(made));
    }

    private static bool IsSentToSignIn(HttpResponseMessage answer) =>
        answer.StatusCode is HttpStatusCode.Redirect && answer.Headers.Location!.AbsolutePath == "/sign-in";

    private static async Task<HttpResponseMessage> AskAsync(Dashboard dashboard, string path, string? cookie = null)
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        var method = path.EndsWith("negotiate", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get;
        using var request = new HttpRequestMessage(method, new Uri(dashboard.ClientOptions.BaseAddress, path));
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return await client.SendAsync(request);
    }
}
