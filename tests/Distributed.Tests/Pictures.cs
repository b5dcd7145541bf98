using Microsoft.Playwright;
using Testing;

namespace Distributed.Tests;

/// <summary>The pictures of <c>docs/</c>, taken anew where <c>TAPROOM_PICTURES</c> is set.</summary>
internal static class Pictures
{
    private static readonly bool IsAsked = Environment.GetEnvironmentVariable("TAPROOM_PICTURES") is { Length: > 0 };

    /// <summary>Takes one, or does nothing.</summary>
    public static async Task TakeAsync(IPage page, string name)
    {
        if (IsAsked)
        {
            await page.ScreenshotAsync(
                new()
                {
                    Path = PathOf(name),
                    // What the dashboard says of this machine's certificates is of no interest there.
                    Style = "[role=alert], .fluent-messagebar { display: none !important }",
                }
            );
        }
    }

    /// <summary>Takes one of a page in light, in dark and on a phone, side by side; or does nothing.</summary>
    public static async Task TakeAllAsync(IPage page, string name)
    {
        if (!IsAsked)
        {
            return;
        }

        var shots = new List<string>();
        foreach (
            var (width, height, colors) in new[] { (1280, 800, ColorScheme.Light), (1280, 800, ColorScheme.Dark), (390, 800, ColorScheme.Light) }
        )
        {
            await page.SetViewportSizeAsync(width, height);
            await page.EmulateMediaAsync(new() { ColorScheme = colors });
            await Assertions.Expect(page.GetByText("Starting", new() { Exact = true })).ToHaveCountAsync(0);
            shots.Add(Convert.ToBase64String(await page.ScreenshotAsync()));
        }

        var sheet = await page.Context.NewPageAsync();
        await sheet.SetViewportSizeAsync(1600, 440);
        await sheet.SetContentAsync(
            $"<body style='margin:8px;display:flex;gap:8px;background:#888'>{string.Concat(shots.Select(shot => $"<img height=424 src='data:image/png;base64,{shot}'>"))}"
        );
        await sheet.ScreenshotAsync(new() { Path = PathOf(Path.Combine("pages", name)) });
        await sheet.CloseAsync();
    }

    private static string PathOf(string name) => Path.Combine(LocalServer.Repository, "docs", $"{name}.png");
}
