using Microsoft.Playwright;

namespace Browser.Tests;

/// <summary>The distribution's Chromium, driven by Playwright. <c>CHROMIUM</c> names another program.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        var program = Environment.GetEnvironmentVariable("CHROMIUM") ?? Programs.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("Chromium is not installed; install the Debian package chromium.");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            // As root Chromium starts only without its sandbox; the pages are our own.
            Args = Environment.UserName == "root" ? ["--no-sandbox"] : [],
        });
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
    internal async Task<IPage> VisitAsync(
        int width = 1440, int height = 900, ColorScheme colors = ColorScheme.Light, ReducedMotion motion = ReducedMotion.NoPreference)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = colors,
            ReducedMotion = motion,
            TimezoneId = "Europe/Berlin",
        });
        context.SetDefaultTimeout(30_000);
        return await context.NewPageAsync();
    }
}
