using Microsoft.Playwright;

namespace Benchmarks.Pages;

/// <summary>The live page, open in Chromium, which notes when each pour is on the screen.</summary>
internal sealed class LivePage : IAsyncDisposable
{
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

    private readonly Headless _headless;
    private readonly IPage _page;

    private LivePage(Headless headless, IPage page) => (_headless, _page) = (headless, page);

    /// <summary>Opens it, and waits until it is live.</summary>
    public static async Task<LivePage> OpenAsync(string address)
    {
        var headless = await Headless.StartAsync();
        var page = await headless.Browser.NewPageAsync();
        await page.AddInitScriptAsync(Watch);
        await page.GotoAsync(address);
        await page.Locator("html[data-feed=listening]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        return new LivePage(headless, page);
    }

    /// <summary>The pours that were on the screen, each with the time at which it first was.</summary>
    public async Task<IReadOnlyDictionary<Guid, DateTime>> ShownAsync()
    {
        var shown = await _page.EvaluateAsync<Dictionary<string, double>>("Object.fromEntries([...window.shown].filter(([, at]) => at > 0))");
        return shown.ToDictionary(pour => Guid.Parse(pour.Key), pour => DateTime.UnixEpoch.AddMilliseconds(pour.Value));
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _headless.DisposeAsync();
}
