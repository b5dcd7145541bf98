using Microsoft.Playwright;

namespace Benchmarks.Pages;

/// <summary>The distribution's Chromium without a window, driven by Playwright. <c>CHROMIUM</c> names another program.</summary>
internal sealed class Headless : IAsyncDisposable
{
    private static readonly string[] Programs =
    [
        "/usr/bin/chromium-headless-shell",
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];

    private readonly IPlaywright _playwright;

    private Headless(IPlaywright playwright, IBrowser browser) => (_playwright, Browser) = (playwright, browser);

    /// <summary>The browser.</summary>
    public IBrowser Browser { get; }

    /// <summary>Starts it.</summary>
    public static async Task<Headless> StartAsync()
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
        return new Headless(playwright, browser);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}
