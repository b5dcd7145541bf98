using Browser.Tests;
using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Distributed.Tests;

/// <summary>The metrics as the Aspire dashboard shows them, which has no other way to ask for them.</summary>
[Collection(nameof(TaproomCollection))]
public sealed class MetricsPageTests(TaproomApp app, Chromium chromium) : BrowserTests(chromium)
{
    private static readonly string[] Worker =
    [
        "messaging.process.duration",
        "taproom.pour.end_to_end.duration",
        "taproom.pour.volume",
        "taproom.pours.duplicates",
        "taproom.pours.stored",
        "taproom.stream.lag",
        "messaging.client.consumed.messages",
        "messaging.client.operation.duration",
        "taproom.dead_letters",
    ];

    private static readonly string[] Bridge =
    [
        "messaging.client.consumed.messages",
        "messaging.process.duration",
        "taproom.mqtt.connections",
        "messaging.client.operation.duration",
        "messaging.client.sent.messages",
        "taproom.dead_letters",
    ];

    [Fact]
    public async Task Metrics_are_shown_by_name_and_unit()
    {
        using var listener = await app.ListenAsync();
        await app.PublishAsync("5", 89, """{"volume":5}""");
        var id = Guid.CreateVersion7();
        await app.PublishAsync("5", 89, $$"""{"volume":473,"id":"{{id}}"}""");
        await app.PublishAsync("5", 89, $$"""{"volume":473,"id":"{{id}}"}""");
        // Of another tap's id the worker makes a dead letter.
        await app.PublishAsync("5", 90, $$"""{"volume":473,"id":"{{id}}"}""");
        var page = await Browser.VisitAsync();

        // The dashboard writes a unit as words: mL too.
        await ShownAsync(page, "consumer-worker", "Consumer.Worker", "taproom.pour.volume", "P99 M L", Worker);
        await ShownAsync(page, "consumer-worker", "Consumer.Worker", "taproom.pours.stored", "Pours", Worker);
        await ShownAsync(page, "consumer-worker", "Consumer.Worker", "taproom.stream.lag", "Messages", Worker);
        await ShownAsync(page, "mqtt-bridge", "Mqtt.Bridge", "messaging.process.duration", "P99 Seconds", Bridge);
        await ShownAsync(page, "dashboard-web", "Dashboard.Web", "taproom.pour.end_to_end.duration", "P99 Seconds", []);
        await Expect(page.GetByText("taproom.stage").First).ToBeVisibleAsync();
        await ShownAsync(page, "consumer-worker", "Consumer.Worker", "taproom.pour.end_to_end.duration", "P99 Seconds", Worker);
        await Pictures.TakeAsync(page, "metrics");
    }

    /// <summary>Opens the page of an instrument, which knows it only once the service has sent what it measured.</summary>
    private async Task ShownAsync(IPage page, string service, string meter, string instrument, string legend, string[] names) =>
        await Eventually.TrueAsync(
            async () =>
            {
                await page.GotoAsync(new Uri(app.Dashboard.Address, $"/metrics/resource/{service}?meter={meter}&instrument={instrument}").ToString());
                try
                {
                    await Expect(page.Locator("body")).ToContainTextAsync(legend, new() { Timeout = 10_000 });
                }
                catch (PlaywrightException)
                {
                    return false;
                }

                return names.All((await page.InnerTextAsync("body")).Split('\n').Contains);
            },
            $"{instrument} of {service} in {legend}, beside {string.Join(", ", names)}",
            TimeSpan.FromMinutes(2)
        );
}
