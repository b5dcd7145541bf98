using Microsoft.Playwright;

namespace Benchmarks;

/// <summary>The live page, open in headless Chromium. <c>CHROMIUM</c> names another program.</summary>
internal sealed class LivePage : IAsyncDisposable
{
    private static readonly string[] Programs =
    [
        "/usr/bin/chromium-headless-shell",
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];

    // Notes when each pour is first on the screen: in the frame after the one that draws it.
    private const string Watch = """
        window.shown = new Map();
        new MutationObserver(() => {
          const fresh = [...document.querySelectorAll("[data-pour]")].map(row => row.dataset.pour).filter(id => !window.shown.has(id));
          fresh.forEach(id => window.shown.set(id, 0));
          if (fresh.length > 0) {
            requestAnimationFrame(() => requestAnimationFrame(() => {
              const now = performance.timeOrigin + performance.now();
              fresh.forEach(id => window.shown.set(id, now));
            }));
          }
        }).observe(document, { subtree: true, childList: true, attributeFilter: ["data-pour"] });
        """;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly IPage _page;

    private LivePage(IPlaywright playwright, IBrowser browser, IPage page) => (_playwright, _browser, _page) = (playwright, browser, page);

    /// <summary>Opens it, and waits until it is live.</summary>
    public static async Task<LivePage> OpenAsync(string address)
    {
        var program =
            Environment.GetEnvironmentVariable("CHROMIUM")
            ?? Programs.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("Chromium is not installed; install the Debian package chromium-headless-shell.");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(
            new()
            {
                ExecutablePath = program,
                // As root Chromium starts only without its sandbox; the page is our own.
                Args = Environment.UserName == "root" ? ["--no-sandbox"] : [],
            }
        );
        var page = await browser.NewPageAsync();
        await page.AddInitScriptAsync(Watch);
        await page.GotoAsync(address);
        await page.Locator("html[data-feed=listening]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        return new LivePage(playwright, browser, page);
    }

    /// <summary>The pours that were on the screen, each with the time at which it first was.</summary>
    public async Task<IReadOnlyDictionary<Guid, DateTime>> ShownAsync()
    {
        var shown = await _page.EvaluateAsync<Dictionary<string, double>>("Object.fromEntries([...window.shown].filter(([, at]) => at > 0))");
        return shown.ToDictionary(pour => Guid.Parse(pour.Key), pour => DateTime.UnixEpoch.AddMilliseconds(pour.Value));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
