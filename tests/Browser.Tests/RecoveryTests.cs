using System.Net.Http.Json;
using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>What an open page does when something behind it is killed, as <c>kill -9</c> does, and comes back.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class RecoveryTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task A_page_goes_on_by_itself_after_the_API_Redis_and_its_own_server_were_killed()
    {
        var redis = new RedisServer();
        await redis.InitializeAsync();
        try
        {
            var settings = await servers.SettingsAsync();
            settings["ConnectionStrings:redis"] = redis.ConnectionString;
            settings["Admin:Key"] = ApiHost.AdminKey;
            settings["Meters:LeaseKey"] = $"lease:{settings["Ingest:Prefix"]}";
            var (apiAddress, pageAddress) = ($"http://127.0.0.1:{LocalServer.FreePort()}", $"http://127.0.0.1:{LocalServer.FreePort()}");
            settings["services:ingest-api:http:0"] = apiAddress;
            await using var api = await StartAsync("Ingest.Api", settings, apiAddress);
            await using var server = await StartAsync("Dashboard.Web", settings, pageAddress);
            using var client = new HttpClient { BaseAddress = new Uri(apiAddress) };
            client.DefaultRequestHeaders.Authorization = new("Bearer", ApiHost.AdminKey);
            await PostAsync(client, "/api/users", User("ann", "admin"));
            var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
            await page.GotoAsync($"{pageAddress}/sign-in?ReturnUrl=%2Fusers");
            await page.GetByLabel("Name").FillAsync("ann");
            await page.GetByLabel("Password").FillAsync(ApiHost.Password);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
            await Expect(page.Locator("[data-user]")).ToHaveCountAsync(1);

            await api.KillAsync();
            await page.GetByLabel("Name", new() { Exact = true }).FillAsync("bob");
            await page.GetByLabel("Password, 10 characters or more").FillAsync(ApiHost.Password);
            var add = page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true });
            await add.ClickAsync();
            await Expect(page.GetByText("Ingest.Api does not answer. Try again in a moment.")).ToBeVisibleAsync();
            await Expect(page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("bob");
            await using var apiAgain = await StartAsync("Ingest.Api", settings, apiAddress);
            // On a busy machine the first call of a process may be late, and somebody would send it again.
            var added = page.GetByText("bob can sign in now.").Or(page.GetByText("There is a user of that name."));
            await Eventually.TrueAsync(
                async () =>
                {
                    await add.ClickAsync();
                    await Expect(add).ToBeEnabledAsync();
                    return await added.IsVisibleAsync();
                },
                "what was typed is sent once the API is back",
                TimeSpan.FromSeconds(60)
            );

            await page.GetByRole(AriaRole.Link, new() { Name = "Pours" }).ClickAsync();
            await Expect(page.GetByText("Waiting for the first pour")).ToBeVisibleAsync();
            await redis.KillAsync();
            await Expect(page.Locator(".connection")).ToContainTextAsync("Redis is away");
            await redis.StartAsync();
            await Expect(page.Locator(".connection .when-listening")).ToHaveTextAsync("Live");
            await PostAsync(client, "/api/beers", Pour(500));
            await Expect(page.Locator("[data-tap='1'] .tap-pours")).ToHaveTextAsync("1");

            await page.GetByRole(AriaRole.Link, new() { Name = "Events" }).ClickAsync();
            await page.GetByLabel("Environment").FillAsync("half a wo");
            await server.KillAsync();
            await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
            await PostAsync(client, "/api/beers", Pour(300));
            await using var serverAgain = await StartAsync("Dashboard.Web", settings, pageAddress);
            // The page that the new process makes has what was typed into the old one.
            await Expect(page.Locator("html[data-feed=listening]")).ToBeAttachedAsync();
            await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
            await Expect(page.GetByLabel("Environment")).ToHaveValueAsync("half a wo");
            await page.GetByRole(AriaRole.Link, new() { Name = "Pours" }).ClickAsync();
            await Expect(page.Locator("[data-tap='1'] .tap-pours")).ToHaveTextAsync("2");
            // The new process reads the cookie that the old one wrote.
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Manage" })).ToBeVisibleAsync();
        }
        finally
        {
            await redis.DisposeAsync();
        }
    }

    private static async Task<ServiceProcess> StartAsync(string project, IReadOnlyDictionary<string, string?> settings, string address)
    {
        var all = new Dictionary<string, string?>(settings)
        {
            ["ASPNETCORE_URLS"] = address,
            // Files of the page are those of the sources then.
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
        };
        var process = ServiceProcess.Start(project, all);
        await ServiceProcess.HealthyAsync(address);
        return process;
    }

    private static object User(string name, string role) =>
        new
        {
            name,
            password = ApiHost.Password,
            role,
        };

    // With its own id, so that it is one pour however often it is sent.
    private static object Pour(int volume) =>
        new
        {
            id = Guid.CreateVersion7(),
            tapId = 1,
            volume,
        };

    // The first calls of a process, and of one whose Redis was away, may be refused for a moment.
    private static Task PostAsync(HttpClient client, string path, object body) =>
        Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.PostAsJsonAsync(path, body);
                Assert.True(answer.IsSuccessStatusCode || (int)answer.StatusCode is 503, await answer.Content.ReadAsStringAsync());
                return answer.IsSuccessStatusCode;
            },
            $"{path} is accepted"
        );
}
