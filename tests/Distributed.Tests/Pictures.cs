using Microsoft.Playwright;
using Testing;

namespace Distributed.Tests;

/// <summary>The pictures of <c>docs/</c>, taken anew where <c>TAPROOM_PICTURES</c> is set.</summary>
internal static class Pictures
{
    /// <summary>Takes one, or does nothing.</summary>
    public static async Task TakeAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("TAPROOM_PICTURES") is { Length: > 0 })
        {
            await page.ScreenshotAsync(
                new()
                {
                    Path = Path.Combine(LocalServer.Repository, "docs", $"{name}.png"),
                    // What the dashboard says of this machine's certificates is of no interest there.
                    Style = "[role=alert], .fluent-messagebar { display: none !important }",
                }
            );
        }
    }
}
