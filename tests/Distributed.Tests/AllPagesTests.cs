using System.Net.Http.Json;
using System.Text.Json;
using Browser.Tests;
using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Distributed.Tests;

/// <summary>Every page, over a Taproom with everything that a page can show.</summary>
[Collection(nameof(TaproomCollection))]
public sealed class AllPagesTests(TaproomApp app, Chromium chromium) : BrowserTests(chromium)
{
    private const string Name = "Ann of the pages";
    private const string Password = "what only ann knows";

    [Fact]
    public async Task Every_page_opens_and_fits_a_phone()
    {
        using var api = app.ApiClient();
        api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);
        var kegId = await AnEveningAsync(api);
        var page = await Browser.VisitAsync(1280, 800, motion: ReducedMotion.Reduce);
        var faults = new List<string>();
        await page.GotoAsync(new Uri(app.Endpoint("dashboard-web"), "sign-in").ToString());
        await Expect(page.GetByLabel("Name")).ToBeVisibleAsync();
        await LookAsync(page, "sign-in", faults);
        await SignInAsync(page);

        string[] paths =
        [
            "",
            "wall",
            "taps/81",
            "taps/new",
            "taps/81/keg",
            "pours",
            "stats",
            "variance",
            "sales/import",
            "messages",
            "events",
            "line",
            "kegs",
            $"kegs/{kegId}",
            "beverages",
            "beverages/new",
            "dead-letters",
            "meters",
            "kegboards",
            "users",
            "audit",
            "password",
            "manage",
        ];
        foreach (var path in paths)
        {
            await page.GotoAsync(new Uri(app.Endpoint("dashboard-web"), path).ToString());
            await Expect(page.Locator("main").First).ToBeVisibleAsync();
            if (path != "password")
            {
                await Expect(page.Locator("html[data-feed=listening]")).ToBeAttachedAsync();
            }

            await LookAsync(page, path.Length == 0 ? "live" : path.Replace(kegId, "one", StringComparison.Ordinal).Replace('/', '-'), faults);
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static async Task LookAsync(IPage page, string name, List<string> faults)
    {
        await Pictures.TakeAllAsync(page, name);
        await page.SetViewportSizeAsync(390, 844);
        if (!await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"))
        {
            faults.Add($"{name}: scrolls sideways on a phone");
        }

        await page.SetViewportSizeAsync(1280, 800);
    }

    private static async Task SignInAsync(IPage page)
    {
        await page.GetByLabel("Name").FillAsync(Name);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.Locator("html[data-feed=listening]")).ToBeAttachedAsync();
    }

    private async Task<string> AnEveningAsync(HttpClient api)
    {
        await PostAsync(
            api,
            "/api/users",
            new
            {
                name = Name,
                password = Password,
                role = "admin",
            }
        );
        await PostAsync(
            api,
            "/api/beverages",
            new
            {
                name = "Harbour Pils",
                brewery = "Harbour Brewery",
                style = "Pilsner",
                abvPercent = 4.9,
                ibu = 32,
            }
        );
        await PostAsync(api, "/api/taps", new { id = 81, name = "Bar left" });
        await PostAsync(api, "/api/taps", new { id = 82, name = "Beer garden, by the chestnut" });
        var keg = await PostAsync(
            api,
            "/api/kegs",
            new
            {
                beverage = "Harbour Pils",
                sizeMl = 30_000,
                cost = 95,
            }
        );
        var kegId = keg.GetProperty("id").GetString()!;
        using (var put = await api.PutAsJsonAsync("/api/taps/81/keg", new { kegId }))
        {
            put.EnsureSuccessStatusCode();
        }

        for (var n = 0; n < 12; n++)
        {
            await PostAsync(api, "/api/beers", new { tapId = 81 + (n % 2), volume = 250 + (n * 50) });
        }

        await PostAsync(
            api,
            "/api/sales",
            new[]
            {
                new
                {
                    time = DateTimeOffset.UtcNow.AddMinutes(-1),
                    tapId = 81,
                    volumeMl = 500,
                    count = 3,
                    price = 4.9,
                },
            }
        );
        await PostAsync(api, "/api/messages", new { keg = "in the cellar", left = 3 });
        await PostAsync(
            api,
            "/api/events",
            new
            {
                component = "cooler",
                environment = "bar",
                email = "ann@bar.example",
                message = "The door stands open.",
                data = new { minutes = 5 },
            }
        );
        // Too much for any glass.
        Assert.Equal(0, await app.PublishAsync("311", 83, """{"volume":4730}"""));
        await Eventually.TrueAsync(
            async () => (await api.GetStringAsync("/api/dead-letters")).Contains("4730", StringComparison.Ordinal),
            "the pour that is none is set aside"
        );
        return kegId;
    }

    private static async Task<JsonElement> PostAsync(HttpClient api, string path, object body)
    {
        using var response = await api.PostAsJsonAsync(path, body);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {answer}");
        return JsonElement.Parse(answer);
    }
}
