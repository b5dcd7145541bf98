using System.Diagnostics;
using System.Net;
using Dashboard.Web.Board;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>What an open page costs on the network, with 48 taps. Bytes are those that the server sends, headers and WebSocket frames included.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class LightTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    private const int Taps = 48;
    private const long MostBytesToOpen = 350_000;
    private const double MostBytesASecond = 10_000;
    private const double MostUpdatesASecond = 5;

    [Fact]
    public async Task The_first_page_is_under_350_KB_and_a_rush_costs_at_most_5_updates_and_10_KB_a_second()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.RegisterAsync([.. Enumerable.Range(1, Taps).Select(tap => (tap, $"Counter {tap} by the window"))]);
        for (var tap = 1; tap <= Taps; tap++)
        {
            await host.PutKegAsync(tap, $"Beer number {tap} of the house", sizeMl: 30_000);
            await host.AppendAsync(500, tap);
        }

        await using var relay = new TcpRelay(new Uri(host.Address).Port);
        var page = await Browser.VisitAsync();
        await page.GotoAsync($"http://127.0.0.1:{relay.Port}/");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-feed", "listening");
        await Expect(page.Locator("[data-tap]")).ToHaveCountAsync(Taps);
        var first = relay.BytesToClients;
        Assert.True(first is > 20_000 and < MostBytesToOpen, $"{first} bytes to open the page");
        Assert.InRange(await FileBytesAsync(page), 50_000, 100_000);

        // The second visit finds the scripts and the style sheet in the browser's cache.
        await page.ReloadAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-feed", "listening");
        Assert.Equal(0, await FileBytesAsync(page));

        // As many pours as the machine takes, for six seconds.
        await Eventually.TrueAsync(
            async () =>
            {
                await PourAsync(host);
                return host.Services.GetRequiredService<LiveBoard>().View().IsRush;
            },
            "there is a rush"
        );
        var beats = await BeatsAsync(page);
        var (before, watch) = (relay.BytesToClients, Stopwatch.StartNew());
        while (watch.Elapsed < TimeSpan.FromSeconds(6))
        {
            await PourAsync(host);
        }

        var rush = (relay.BytesToClients - before) / watch.Elapsed.TotalSeconds;
        var updates = (await BeatsAsync(page) - beats) / watch.Elapsed.TotalSeconds;
        Assert.True(updates <= MostUpdatesASecond, $"{updates:0.0} updates a second");
        Assert.True(rush <= MostBytesASecond, $"{rush:0} bytes a second");
    }

    [Fact]
    public async Task Pages_scripts_and_styles_are_compressed_and_files_are_kept_for_good()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None })
        {
            BaseAddress = new Uri(host.Address),
        };
        client.DefaultRequestHeaders.Add("Accept-Encoding", "gzip, br");
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        var files = await page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('script[src], link[rel=stylesheet]')].map(e => e.src || e.href)"
        );

        Assert.Equal(4, files.Length);
        foreach (var file in files.Prepend(host.Address))
        {
            using var answer = await client.GetAsync(file);
            Assert.True(answer.Content.Headers.ContentEncoding.Count == 1, $"{file} is not compressed");
            Assert.True(file == host.Address || answer.Headers.CacheControl is { MaxAge.Days: 365 }, $"{file} is not kept");
        }
    }

    private static async Task PourAsync(LivePageHost host) =>
        await Task.WhenAll(Enumerable.Range(0, 250).Select(i => host.AppendAsync(300 + i, 1 + (i % Taps))));

    private static async Task<int> FileBytesAsync(IPage page) =>
        await page.EvaluateAsync<int>(
            """
            () => performance.getEntriesByType("resource")
              .filter(file => /\.(css|js)$/.test(file.name))
              .reduce((bytes, file) => bytes + file.transferSize, 0)
            """
        );

    // Each update of the page writes its time.
    private static async Task<int> BeatsAsync(IPage page) =>
        await page.EvaluateAsync<int>(
            """
            () => {
              window.beats ??= (() => {
                const seen = { count: 0 };
                new MutationObserver(() => seen.count++).observe(document.body, { subtree: true, attributeFilter: ["data-beat"] });
                return seen;
              })();
              return window.beats.count;
            }
            """
        );
}
