using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Taproom.Ingest;
using Taproom.Signals;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The page that tells an operator where entries are.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class LineTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task The_page_shows_what_waits_and_who_stores_it_as_it_changes()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page, "line");
        await Expect(page.Locator("[data-partition]")).ToHaveCountAsync(4);
        await Expect(page.Locator("[data-missing]")).ToHaveCountAsync(4);
        await Expect(page.GetByText("None: what is accepted waits.")).ToBeVisibleAsync();

        await host.AppendAsync(500, tapId: 1);
        await Expect(page.Locator("#line-accepted")).ToHaveTextAsync("1");
        await Expect(page.Locator("#line-waiting")).ToHaveTextAsync("1");
        await Expect(page.Locator("[data-partition] .col-waiting b", new() { HasText = "1" })).ToHaveCountAsync(1);

        var leases = host.Services.GetRequiredService<PartitionLeases>();
        await Eventually.TrueAsync(
            async () =>
            {
                // As a worker does again and again: it is taken for gone after three seconds without it.
                await leases.RenewAsync();
                return await page.Locator("[data-missing]").CountAsync() == 0
                    && await page.GetByText("1 worker", new() { Exact = true }).IsVisibleAsync();
            },
            "the page shows the worker"
        );
        await leases.LeaveAsync();
        await Expect(page.Locator("[data-missing]")).ToHaveCountAsync(4);
    }

    [Fact]
    public async Task While_Redis_is_away_the_page_says_so_and_goes_on_by_itself()
    {
        var redis = new RedisServer();
        await redis.InitializeAsync();
        try
        {
            await using var host = await LivePageHost.StartAsync(servers, ("ConnectionStrings:redis", redis.ConnectionString));
            var page = await Browser.VisitAsync();
            await host.OpenAsync(page, "line");

            await redis.StopAsync();
            await Expect(page.GetByText("Redis does not answer")).ToBeVisibleAsync();
            await redis.StartAsync();
            await Expect(page.Locator("[data-partition]")).ToHaveCountAsync(4);
        }
        finally
        {
            await redis.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_page_fits_every_screen()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.Services.GetRequiredService<PartitionLeases>().RenewAsync();
        var bridge = host.Services.GetRequiredService<TapPresence>();
        await bridge.LivesAsync();
        await bridge.ConnectedAsync([1, 2, 3]);
        for (var tap = 1; tap <= 20; tap++)
        {
            await host.AppendAsync(500, tap);
        }

        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.OpenAsync(page, "line");

        await Expect(page.Locator("#line-accepted")).ToHaveTextAsync("20");
        await Expect(page.Locator("#line-connections dt")).ToHaveTextAsync("3 taps connected");
        await Expect(page.Locator("#line-connections dd b")).ToHaveTextAsync("3");
        await Chromium.FitsAsync(page, ("line", 1440, 900, ColorScheme.Light), ("line-phone", 390, 844, ColorScheme.Dark));
    }
}
