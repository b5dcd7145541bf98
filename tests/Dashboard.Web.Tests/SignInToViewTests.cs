using System.Net;
using Dashboard.Web.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
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
        await KeysAsync(closed);

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

    [Fact]
    public async Task A_store_that_does_not_answer_signs_nobody_out()
    {
        // Nor does an API that does not.
        await using var dashboard = await Dashboard.CreateAsync(
            servers,
            ("services:ingest-api:http:0", "http://127.0.0.1:1"),
            ("Dashboard:SignInToView", "true")
        );
        dashboard.StartServer();
        await KeysAsync(dashboard);
        var cookie = SignedIn(dashboard);
        using var before = await AskAsync(dashboard, "/manage", cookie);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        // As after a restart.
        await using var again = dashboard.Sibling();
        await using var open = dashboard.With("Dashboard:SignInToView", "false");
        await servers.Postgres.PauseAsync();
        try
        {
            again.StartServer();
            open.StartServer();
            foreach (
                var (host, path) in new[]
                {
                    (open, "/manage"),
                    (again, "/"),
                    (again, "/variance.csv?from=2026-03-01"),
                    (again, "/hubs/pours/negotiate"),
                }
            )
            {
                using var asked = await AskAsync(host, path, cookie);
                Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (asked.StatusCode, asked.Headers.RetryAfter is not null));
                Assert.DoesNotContain(
                    asked.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [],
                    set => set.StartsWith("taproom-session", StringComparison.Ordinal)
                );
                Assert.Contains($"<a href=\"{path}\">Try again</a>", await asked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }

            // What is for everybody is shown, and who has no cookie has to sign in.
            using var shown = await AskAsync(open, "/", cookie);
            Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
            using var stranger = await AskAsync(again, "/");
            Assert.True(IsSentToSignIn(stranger));
            using var health = await AskAsync(again, "/health");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        }
        finally
        {
            await servers.Postgres.ResumeAsync();
        }

        await Eventually.TrueAsync(
            async () =>
            {
                using var health = await AskAsync(again, "/health");
                return health.IsSuccessStatusCode;
            },
            "it is ready"
        );
        using var after = await AskAsync(again, "/manage", cookie);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    // On a busy machine the keys may come late.
    private static Task KeysAsync(Dashboard dashboard) =>
        Eventually.TrueAsync(() => dashboard.Services.GetRequiredService<SharedKeys>().AreReadAsync(), "the keys are read");

    // The cookie of somebody who has signed in.
    private static string SignedIn(Dashboard dashboard)
    {
        const string Scheme = CookieAuthenticationDefaults.AuthenticationScheme;
        var options = dashboard.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(Scheme);
        var ticket = new AuthenticationTicket(Visitors.Of("ann", Visitors.Admin, "session_of-ann"), Scheme);
        return $"{options.Cookie.Name}={options.TicketDataFormat.Protect(ticket)}";
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
