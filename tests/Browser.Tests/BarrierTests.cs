using System.Reflection;
using System.Text;
using Dashboard.Web.Board;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Taproom.Ingest;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>All pages: as the house's guests see them, and as an admin does.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class BarrierTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    private static readonly Guid Keg = Guid.NewGuid();
    private static readonly Guid Beverage = Guid.NewGuid();

    // The same pages with another choice, which looks different.
    private static readonly string[] Views = ["/?view=table", "/messages?all=true", "/events?all=true"];

    // Those with the longest words in German.
    private static readonly string[] LongWords =
    [
        "taps/7",
        "taps/7/keg",
        $"kegs/{Keg}",
        "kegs",
        "manage",
        "users",
        "dead-letters",
        "variance",
        "line",
    ];

    [Fact]
    public async Task Every_page_bars_nobody_in_light_and_in_dark_and_German_texts_are_not_cut_off()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await FillAsync(host);
        var pages = typeof(LiveBoard)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes<RouteAttribute>().Select(route => (Path: PathOf(route.Template), IsOpen: IsOpen(type))))
            .Concat(Views.Select(view => (Path: view, IsOpen: true)))
            .ToList();
        Assert.True(pages.Count > 25, $"{pages.Count} pages");

        var faults = new List<string>();
        var guest = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        // A barrier would be found.
        await guest.SetContentAsync(
            """<html lang="en"><title>A</title><main><h1>A</h1><img src="a"><p style="color:#777;background:#888">Ale on tap</main>"""
        );
        Assert.Equal(
            ["Light color-contrast", "Light image-alt", "Dark color-contrast"],
            (await Chromium.BarriersAsync(guest)).Select(found => found.Split(':')[0])
        );

        foreach (var (path, _) in pages.Where(page => page.IsOpen))
        {
            await LookAsync(host, guest, path);
            faults.AddRange((await Chromium.BarriersAsync(guest)).Select(fault => $"guest {path} {fault}"));
        }

        var admin = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.SignInAsync(admin, "admin");
        foreach (var (path, _) in pages)
        {
            await LookAsync(host, admin, path);
            faults.AddRange((await Chromium.BarriersAsync(admin)).Select(fault => $"admin {path} {fault}"));
        }

        await admin.GotoAsync($"{host.Address}manage");
        await admin.GetByLabel("Language").SelectOptionAsync("de");
        await Expect(admin.Locator("html[lang=de]")).ToBeAttachedAsync();
        await admin.SetViewportSizeAsync(360, 740);
        foreach (var path in LongWords)
        {
            await LookAsync(host, admin, path);
            await Chromium.FitsAsync(admin, $"german-{path.Split('/')[0]}-{path.Length}");
            faults.AddRange((await Chromium.CutOffAsync(admin)).Select(text => $"{path} cuts off {text}"));
            faults.AddRange((await Chromium.BarriersAsync(admin)).Select(fault => $"German on a phone {path} {fault}"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Distinct()));
    }

    private static async Task LookAsync(LivePageHost host, IPage page, string path)
    {
        await page.GotoAsync(host.Address + path.TrimStart('/'));
        await Expect(page.Locator("h1").First).ToBeVisibleAsync();
        if (await page.Locator(".connection").CountAsync() > 0)
        {
            await LivePageHost.ListensAsync(page);
        }

        await Expect(page.Locator(".none").Filter(new() { HasTextRegex = new("^(Starting|Startet)$") })).ToHaveCountAsync(0);
    }

    private static bool IsOpen(Type page) => page.GetCustomAttribute<AuthorizeAttribute>() is null;

    private static string PathOf(string template) =>
        template switch
        {
            "/kegs/{Id:guid}" => $"/kegs/{Keg}",
            "/beverages/{Id:guid}" => $"/beverages/{Beverage}",
            _ => template.Replace("{Number}", "7", StringComparison.Ordinal),
        };

    // A row for each table.
    private static async Task FillAsync(LivePageHost host)
    {
        await host.RegisterAsync((7, "Terrace"), (8, "Beer garden, by the chestnut"));
        await host.ExecuteSqlAsync(
            $$"""
            INSERT INTO beverages (id, name, brewery, style, abv_percent, color_ebc) VALUES ({{Beverage}}, 'Märzen', 'Hof', 'Märzen', 5.8, 22);
            INSERT INTO kegs (id, beverage, size_ml, level_ml, tare_g) VALUES
                ({{Keg}}, 'Märzen', 1000, 1000, 9500), (gen_random_uuid(), 'Märzen', 20000, 20000, NULL);
            INSERT INTO kegs (id, beverage, size_ml, level_ml, emptied_at) VALUES (gen_random_uuid(), 'Pils', 30000, 0, now());
            INSERT INTO readings (id, device, received_at, body) SELECT gen_random_uuid(), '7', now() - n * interval '1 hour', '{"temperatureC":4.5}' FROM generate_series(1, 3) AS n;
            INSERT INTO kegboards (device, state, taps, token_due, asked_at, first_seen, last_seen, address, events_dropped)
                VALUES ('kegboard-a1', 0, ARRAY[]::integer[], false, now(), now(), now(), '192.168.1.20', 3);
            INSERT INTO alerts (id, kind, subject, message, data, began_at, end_id, begin_told, end_told)
                VALUES (gen_random_uuid(), 'keg-empty-soon', 'k', 'English', jsonb_build_object('tapId', 7, 'beverage', 'Märzen', 'minutesLeft', 12), now(), gen_random_uuid(), true, true)
            """
        );
        await host.Api.PostAsync("/api/kegs", new { beverage = "Stout", sizeMl = 30_000 });
        using var put = await host.Api.Admin.PutAsync("/api/taps/7/keg", new StringContent($$"""{"kegId":"{{Keg}}"}"""));
        Assert.True(put.IsSuccessStatusCode);
        await host.Services.GetRequiredService<PartitionLeases>().RenewAsync();
        foreach (var volume in (int[])[500, 300, 150])
        {
            await host.StoreAsync(await host.AppendAsync(volume, tapId: 7));
        }

        await host.AppendAsync(500, tapId: 8);
        await host.StoreMessageAsync(await host.AppendAsync(EntryKinds.Message, """{"keg":"in the cellar"}"""));
        await host.ExecuteSqlAsync(
            $"INSERT INTO events (id, created_at, component, environment, email, message, data) VALUES (gen_random_uuid(), now(), 'cooler', 'bar', 'ann@bar.example', 'The door stands open.', '5')"
        );
        await host.Api.PostAsync(
            "/api/sales",
            new[]
            {
                new
                {
                    time = DateTimeOffset.UtcNow.AddMinutes(-1),
                    tapId = 7,
                    volumeMl = 500,
                    count = 3,
                    price = 4.9,
                },
            }
        );
        await host.Api.PostAsync(
            "/api/meters",
            new
            {
                id = "002738",
                kind = "json",
                address = "http://127.0.0.1:9/",
                user = "ann",
                password = "secret",
                active = false,
            }
        );
        var letter = new IngestEntry
        {
            Id = Guid.NewGuid(),
            Kind = EntryKinds.Pour,
            Tap = "7",
            ReceivedAt = DateTimeOffset.UtcNow,
            Body = Encoding.UTF8.GetBytes("""{"volume":5}"""),
        };
        await host.Services.GetRequiredService<IngestStream>().SetAsideAsync(letter, "Too little.", "store", CancellationToken.None);
    }
}
