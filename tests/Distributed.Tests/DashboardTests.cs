using Browser.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Distributed.Tests;

/// <summary>What a person sees in the Aspire dashboard.</summary>
[Collection(nameof(TaproomCollection))]
public sealed class DashboardTests(TaproomApp app, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task The_dashboard_offers_the_commands_of_the_simulated_taps()
    {
        var page = await Browser.VisitAsync();
        await page.GotoAsync(app.Dashboard.Address.ToString());
        var simulator = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "tap-simulator" });
        await simulator.GetByTitle("Actions").Last.ClickAsync();

        foreach (var command in new[] { "Pour 100", "Rush hour", "Break connections" })
        {
            await Expect(page.GetByText(command, new() { Exact = true })).ToBeVisibleAsync();
        }

        await Pictures.TakeAsync(page, "resources");
    }

    [Fact]
    public async Task A_pour_is_one_trace_of_four_services_in_the_dashboard()
    {
        string[] way = ["tap-simulator", "mqtt-bridge", "consumer-worker", "dashboard-web"];
        using var listener = await app.ListenAsync();
        var trace = await app.Dashboard.FindAsync(
            all =>
                all.GroupBy(span => span.TraceId)
                    // The first ones are slow.
                    .LastOrDefault(trace => trace.Select(span => span.Service).ToHashSet().IsSupersetOf(way))
                    ?.Key,
            "a whole trace in the dashboard"
        );

        var page = await Browser.VisitAsync();
        await page.GotoAsync(new Uri(app.Dashboard.Address, $"/traces/detail/{trace}").ToString());

        foreach (var service in way)
        {
            await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = service }).First).ToBeVisibleAsync();
        }

        await Pictures.TakeAsync(page, "trace");
    }
}
