using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Taproom.Ingest;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>What was poured beside what was sold, and sales that are imported.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class VarianceTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task Staff_import_sales_after_a_look_at_how_they_are_understood_and_see_what_is_missing()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await FillAsync(host);
        var page = await Browser.VisitAsync(colors: ColorScheme.Dark);
        await host.SignInAsync(page, "staff", "variance");
        await Expect(page.GetByText("No sale is known of this time")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Import sales" }).ClickAsync();

        // A file whose columns are called otherwise, and in which one line is wrong.
        var sold = DateTime.UtcNow.AddMinutes(-10).ToString("yyyy-MM-ddTHH:mm:ssZ");
        await ChooseAsync(page, $"Datum;Artikel;ml;Menge;Preis\n{sold};Pils;500;2;4,90\n{sold};Pils;;1;4,90\n");
        await page.GetByText("What the file calls its columns").ClickAsync();
        foreach (
            var (label, column) in (IEnumerable<(string, string)>)
                [("Time", "Datum"), ("Beverage", "Artikel"), ("Volume of a glass in mL", "ml"), ("Number", "Menge"), ("Price", "Preis")]
        )
        {
            await page.GetByLabel(label, new() { Exact = true }).FillAsync(column);
        }

        var understand = page.GetByRole(AriaRole.Button, new() { Name = "Show how it is understood" });
        await understand.ClickAsync();
        await Expect(page.GetByText("1 new, 0 known already, 1 wrong.")).ToBeVisibleAsync();
        await Expect(page.Locator(".faults li")).ToHaveTextAsync([new Regex("^Line 3: ")]);
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Import th") })).ToHaveCountAsync(0);
        await Expect(page.Locator("#dry-run tbody tr")).ToContainTextAsync("Pils");

        await ChooseAsync(page, $"Datum;Artikel;ml;Menge;Preis\n{sold};Pils;500;2;4,90\n{sold};Pils;473,25;1;4,90\n");
        await understand.ClickAsync();
        await Expect(page.GetByText("2 new, 0 known already, 0 wrong.")).ToBeVisibleAsync();
        await Expect(page.Locator("#dry-run tbody tr").Nth(1)).ToContainTextAsync("473.3");
        await Chromium.IsAccessibleAsync(page);
        await Chromium.FitsAsync(page, "sales-import");
        Assert.Equal(
            0,
            (await host.Api.Admin.GetFromJsonAsync<JsonElement>("/api/stats/variance")).GetProperty("rows")[0].GetProperty("sold").GetDecimal()
        );
        await page.GetByRole(AriaRole.Button, new() { Name = "Import these 2 sales" }).ClickAsync();
        await Expect(page.Locator(".said")).ToContainTextAsync("2 sales were imported. 0 were known already.");

        await page.GetByRole(AriaRole.Link, new() { Name = "Poured and sold" }).ClickAsync();
        // 2,500 mL were poured to be sold, 1,473.25 were.
        await Expect(page.Locator("[data-variance='Pils'] td"))
            .ToHaveTextAsync([
                new Regex("^2.50 L$"),
                new Regex("^0.30 L$"),
                new Regex("^1.47 L$"),
                new Regex("^1.03 L$"),
                new Regex("^41.1$"),
                new Regex(@"^10\.\d\d "),
            ]);
        await Expect(page.Locator("#purposes li"))
            .ToHaveTextAsync([new Regex(@"^Sale\s+2.50 L in 3 pours$"), new Regex(@"^Foam\s+0.30 L in 1 pour$")]);
        await Expect(page.Locator("#unaccounted li")).ToHaveTextAsync([new Regex(@"^7\s+Terrace\s+0.20 L$")]);
        await host.OpenAsync(await page.Context.NewPageAsync());
        await Expect(page.Context.Pages[1].Locator("[data-tap='7']")).ToContainTextAsync("0.20 L unaccounted in 24 h");
        await page.Context.Pages[1].CloseAsync();
        await Chromium.FitsAsync(page, "variance");

        var file = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "As a CSV file" }).ClickAsync());
        Assert.Equal("variance.csv", file.SuggestedFilename);
        using var reader = new StreamReader(await file.CreateReadStreamAsync());
        Assert.Contains("\nPils,2500,300,1473.25,1026.75,", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task It_is_shown_by_tap_hour_and_day_to_everybody_and_a_wrong_address_is_said_so()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await FillAsync(host);
        var page = await Browser.VisitAsync(390, 844);
        await host.OpenAsync(page, "variance?by=tap");
        await Expect(page.Locator("[data-variance='7'] th")).ToContainTextAsync("Terrace");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Import sales" })).ToHaveCountAsync(0);
        await Chromium.FitsAsync(page, "variance-phone");
        await page.GetByLabel("By").SelectOptionAsync("Day");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Expect(page.Locator("[data-variance]")).ToHaveTextAsync([new Regex("^20[0-9-]+")]);
        await host.OpenAsync(page, "variance?by=hour");
        await Expect(page.Locator("[data-variance]")).ToHaveCountAsync(1);

        await host.OpenAsync(page, "variance?from=yesterday");
        await Expect(page.GetByText("The days must be written as 2026-11-27, the first one first.")).ToBeVisibleAsync();
        await host.OpenAsync(page, "variance?from=2026-01-01&to=2026-03-01");
        await Expect(page.GetByText("must be at most 31 days")).ToBeVisibleAsync();
        await host.OpenAsync(page, "variance?from=2000-01-01&to=2000-01-02");
        await Expect(page.GetByText("Nothing was poured or sold in this time.")).ToBeVisibleAsync();
    }

    private static async Task ChooseAsync(IPage page, string csv)
    {
        // The field is drawn a moment before Blazor listens to it; nobody else chooses a file as fast.
        await page.WaitForFunctionAsync("() => document.querySelector('input[type=file]')?._blazorInputFileNextFileId !== undefined");
        await page.GetByLabel("File")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "till.csv",
                    MimeType = "text/csv",
                    Buffer = Encoding.UTF8.GetBytes(csv),
                }
            );
    }

    private static async Task FillAsync(LivePageHost host)
    {
        await host.RegisterAsync((7, "Terrace"));
        await host.PutKegAsync(tapId: 7, "Pils", sizeMl: 30_000);
        await host.ExecuteSqlAsync($"UPDATE tappings SET tapped_at = now() - interval '1 day'");
        await host.Api.PostAsync("/api/taps/7/calibrations", new { pulsesPerLitre = 500 });
        // Between the first two pours 100 pulses flowed that are in none.
        foreach (
            var (pulses, odometer, purpose) in (IEnumerable<(int, int, string)>)
                [(500, 1_000, "sale"), (500, 1_600, "sale"), (250, 1_850, "sale"), (150, 2_000, "foam")]
        )
        {
            await host.StoreAsync(
                await host.AppendAsync(EntryKinds.Pour, $$"""{"pulses":{{pulses}},"odometer":{{odometer}},"purpose":"{{purpose}}"}""", "7")
            );
        }
    }
}
