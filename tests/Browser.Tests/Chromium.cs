using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Browser.Tests;

/// <summary>The distribution's Chromium, driven by Playwright. <c>CHROMIUM</c> names another program.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Programs =
    [
        "/usr/bin/chromium-headless-shell",
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    private static readonly bool KeepsPictures = Environment.GetEnvironmentVariable("TAPROOM_SCREENSHOTS") != "no";

    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;
    private readonly List<IBrowserContext> _visits = [];
    private readonly ConcurrentQueue<string> _faults = [];

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        var program =
            Environment.GetEnvironmentVariable("CHROMIUM")
            ?? Programs.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("Chromium is not installed; install the Debian package chromium-headless-shell.");
        _playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(30_000);
        _browser = await _playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = program,
                // As root Chromium starts only without its sandbox; the pages are our own.
                Args = Environment.UserName == "root" ? ["--no-sandbox"] : [],
            }
        );
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    /// <summary>A visitor with nothing remembered.</summary>
    /// <param name="width">Width of the window in CSS pixels.</param>
    /// <param name="height">Its height.</param>
    /// <param name="colors">Light or dark.</param>
    /// <param name="motion">Whether the visitor wants things to move.</param>
    /// <param name="timeZone">The visitor's time zone.</param>
    /// <param name="locale">The language of the visitor's browser.</param>
    internal async Task<IPage> VisitAsync(
        int width = 1440,
        int height = 900,
        ColorScheme colors = ColorScheme.Light,
        ReducedMotion motion = ReducedMotion.NoPreference,
        string timeZone = "Europe/Berlin",
        string locale = "en-GB"
    )
    {
        var context = await _browser.NewContextAsync(
            new BrowserNewContextOptions
            {
                ViewportSize = new ViewportSize { Width = width, Height = height },
                ColorScheme = colors,
                ReducedMotion = motion,
                TimezoneId = timeZone,
                Locale = locale,
            }
        );
        context.SetDefaultTimeout(30_000);
        context.WebError += (_, fault) => Keep(fault.Error);
        context.Console += (_, message) => Keep(message.Type == "error" ? message.Text : "");
        _visits.Add(context);
        return await context.NewPageAsync();

        // What .NET throws; not that a call was refused or a connection ended, which many a test wants.
        void Keep(string message)
        {
            if (message.Contains("Exception"))
            {
                _faults.Enqueue(message);
            }
        }
    }

    /// <summary>Closes the pages of all visitors, which would go on drawing, and asserts that no circuit of theirs has failed.</summary>
    internal async Task LeaveAsync()
    {
        var faults = string.Join('\n', _faults);
        foreach (var visit in _visits)
        {
            await visit.CloseAsync();
        }

        _visits.Clear();
        _faults.Clear();
        Assert.True(faults.Length == 0, faults);
    }

    /// <summary>
    /// Asserts that a page does not scroll sideways, and keeps a picture of it in <c>artifacts/screenshots</c> to be looked at; not where
    /// <c>TAPROOM_SCREENSHOTS</c> is <c>no</c>, as in <c>./test</c>, where nobody looks.
    /// </summary>
    internal static async Task FitsAsync(IPage page, string name)
    {
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page scrolls sideways.");
        if (KeepsPictures)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(ScreenshotFolder(), $"{name}.png") });
        }
    }

    /// <summary>The same on several screens, in light or dark, without a new visit for each.</summary>
    internal static async Task FitsAsync(IPage page, params IEnumerable<(string Name, int Width, int Height, ColorScheme Colors)> screens)
    {
        foreach (var (name, width, height, colors) in screens)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = colors, ReducedMotion = ReducedMotion.Reduce });
            await page.SetViewportSizeAsync(width, height);
            await FitsAsync(page, name);
        }
    }

    /// <summary>Asserts that axe finds nothing in light, and no colour in dark. For what a page shows after a while; <see cref="BarrierTests"/> look at all pages.</summary>
    internal static async Task IsAccessibleAsync(IPage page)
    {
        var barriers = await BarriersAsync(page);
        Assert.True(barriers.Count == 0, string.Join('\n', barriers));
    }

    /// <summary>The barriers that axe finds on a page in light, and what its colours hide in dark.</summary>
    internal static async Task<IReadOnlyList<string>> BarriersAsync(IPage page)
    {
        await page.EvaluateAsync(Axe);
        return [.. await BarriersAsync(page, ColorScheme.Light, rules: null), .. await BarriersAsync(page, ColorScheme.Dark, ["color-contrast"])];
    }

    /// <summary>Texts that are cut off sideways, and are not meant to be.</summary>
    internal static Task<string[]> CutOffAsync(IPage page) =>
        page.EvaluateAsync<string[]>(
            """
            [...document.querySelectorAll("a, button, label, select, th, dt, h1, h2, .total-label, .tap-status, .tap-age, .keg-low, .mix-name")]
              .filter(e => e.checkVisibility() && !e.closest(".unseen, .sheet") && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline")
              .map(e => e.textContent.trim())
            """
        );

    // Not by the package's own call, which opens a page each time to put together what was found in frames: ours have none.
    private static async Task<IEnumerable<string>> BarriersAsync(IPage page, ColorScheme colors, string[]? rules)
    {
        // Colours that are still on their way to those of the theme tell nothing.
        await page.EmulateMediaAsync(new() { ColorScheme = colors, ReducedMotion = ReducedMotion.Reduce });
        var found = await page.EvaluateAsync<string[]>(
            """
            async rules => (await axe.run(document, { resultTypes: ["violations"], ...(rules && { runOnly: rules }) }))
              .violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${rule.help} ${node.html}`))
            """,
            rules
        );
        return found.Select(barrier => $"{colors} {barrier}");
    }

    private static string ScreenshotFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Aspire.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return Path.Combine(folder.FullName, "artifacts", "screenshots");
    }
}
