using System.Text.RegularExpressions;
using Dashboard.Web.Components.Taps;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Taproom.Ingest;
using Taproom.Signals;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>What staff and admins do on the page of a tap.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class TapManagementTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task Staff_calibrate_a_tap_by_a_pour_that_they_measured_and_by_a_number_and_send_it_a_command()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await host.RegisterAsync((7, "Terrace"));
        await host.Api.PostAsync("/api/taps/7/calibrations", new { pulsesPerLitre = 500, validFrom = "2026-01-01T00:00:00Z" });
        foreach (var pulses in (int[])[250, 200])
        {
            await host.StoreAsync(await host.AppendAsync(EntryKinds.Pour, $$"""{"pulses":{{pulses}}}""", "7"));
        }

        var page = await Browser.VisitAsync();
        await host.SignInAsync(page, "staff", "taps/7");
        var box = page.Locator("#calibration");
        await Expect(box.Locator(".reading")).ToContainTextAsync("500");
        await box.GetByText("Calibrate by a measured pour").ClickAsync();
        await box.GetByLabel("Choose that pour").SelectOptionAsync(new SelectOptionValue { Index = 0 });
        await box.GetByLabel("Millilitres in the jug").FillAsync("500");
        await Expect(box.GetByText("That makes 400 pulses a litre.")).ToBeVisibleAsync();
        await Chromium.FitsAsync(page, "tap-calibration");
        await box.GetByRole(AriaRole.Button, new() { Name = "Calibrate" }).ClickAsync();
        await Expect(box.GetByRole(AriaRole.Status)).ToContainTextAsync("400 pulses are a litre now. No stored pour changed.");
        await Expect(box.Locator(".reading")).ToContainTextAsync("400");
        await Expect(box.Locator(".rows tbody tr")).ToHaveCountAsync(2);

        // From an hour ago on: both pours get another volume.
        await box.GetByText("Set the number of pulses").ClickAsync();
        await box.GetByLabel("Pulses a litre").FillAsync("400");
        var hourAgo = TimeZoneInfo.ConvertTime(DateTimeOffset.UtcNow.AddHours(-1), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        await box.GetByLabel("Valid from").FillAsync(hourAgo.ToString("yyyy-MM-ddTHH:mm"));
        await box.GetByRole(AriaRole.Button, new() { Name = "Set it" }).ClickAsync();
        await Expect(box.GetByRole(AriaRole.Status)).ToContainTextAsync("2 pours have another volume: +225 mL in all.");
        // 250 pulses are 625 mL now, 200 are 500.
        await Expect(page.Locator("#tap-pours")).ToContainTextAsync("625 mL");

        var commands = page.Locator("#commands");
        await commands.GetByLabel("Command").FillAsync("clean");
        await commands.GetByLabel("Command").BlurAsync();
        // Who clicks twice means once.
        await commands.GetByRole(AriaRole.Button, new() { Name = "Send it" }).EvaluateAsync("button => { button.click(); button.click(); }");
        await Expect(commands.GetByRole(AriaRole.Status)).ToContainTextAsync("Sent: clean");
        Assert.Single(await host.Services.GetRequiredService<TapCommands>().WaitingAsync(7));
        var cleaning = page.Locator("#cleaning");
        await cleaning.GetByRole(AriaRole.Button, new() { Name = "Switch it on" }).ClickAsync();
        await Expect(cleaning).ToContainTextAsync("what is poured now is cleaning and no sale. It ends at ");
        await cleaning.GetByRole(AriaRole.Button, new() { Name = "Switch it off" }).ClickAsync();
        await Expect(cleaning).ToContainTextAsync("Off.");
        // What is not theirs is not there.
        await Expect(page.Locator("#token, #name")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_admin_registers_a_tap_gets_its_token_once_with_a_code_to_set_it_up_and_renames_it()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers, ("Dashboard:MqttAddress", "mqtts://bar.example.org"));
        var page = await Browser.VisitAsync();
        await host.SignInAsync(page, "admin", "taps/new");
        await page.GetByLabel("Number").FillAsync("12");
        await page.GetByLabel("Name of the tap").FillAsync("Cellar <b>&");
        await page.GetByRole(AriaRole.Button, new() { Name = "Register it" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/taps/12#token$"));

        var box = page.Locator("#token");
        await box.GetByRole(AriaRole.Button, new() { Name = "Make a new token" }).ClickAsync();
        var token = await box.Locator("#new-token").InnerTextAsync();
        Assert.StartsWith("12.", token);
        await Expect(box.GetByRole(AriaRole.Img, new() { Name = "QR code for the set-up page of the firmware" })).ToBeVisibleAsync();
        await Expect(box).ToContainTextAsync("taproom:setup?host=bar.example.org&port=8883&tls=1&tap=12&token=…");
        // The code on the page is the one of this address with the token: the same figures in the same order.
        var expected = TapSetup.Svg($"taproom:setup?host=bar.example.org&port=8883&tls=1&tap=12&token={token}", "");
        Assert.Equal(FiguresOf(expected), FiguresOf(await box.Locator(".qr svg").EvaluateAsync<string>("code => code.outerHTML")));
        await Chromium.IsAccessibleAsync(page);
        await box.ScrollIntoViewIfNeededAsync();
        await Chromium.FitsAsync(page, "tap-token");
        await box.GetByRole(AriaRole.Button, new() { Name = "Done: hide it" }).ClickAsync();
        await Expect(page.GetByText(token)).ToHaveCountAsync(0);
        await host.OpenAsync(page, "taps/12");
        await Expect(box).ToBeVisibleAsync();
        Assert.DoesNotContain(token, await page.ContentAsync());

        var name = page.Locator("#name");
        await Expect(name.GetByLabel("Name of the tap")).ToHaveValueAsync("Cellar <b>&");
        await name.GetByLabel("Name of the tap").FillAsync("Cellar");
        await name.GetByRole(AriaRole.Button, new() { Name = "Rename it" }).ClickAsync();
        await Expect(name.GetByRole(AriaRole.Status)).ToContainTextAsync("It is called Cellar now.");
        await Expect(page.Locator(".tap-name")).ToHaveTextAsync("Cellar");
        // One that is there already.
        await host.OpenAsync(page, "taps/new");
        await page.GetByLabel("Number").FillAsync("12");
        await page.GetByLabel("Name of the tap").FillAsync("Again");
        await page.GetByRole(AriaRole.Button, new() { Name = "Register it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "Tap 12 is registered already." })).ToBeVisibleAsync();
    }

    private static string FiguresOf(string svg) => Regex.Replace(svg, "[^0-9]+", " ").Trim();

    [Fact]
    public async Task Who_may_only_look_sees_what_was_and_no_form()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await host.RegisterAsync((7, "Terrace"));
        await host.Api.PostAsync("/api/taps/7/calibrations", new { pulsesPerLitre = 450 });
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page, "taps/7");
        await LooksAsync();
        await host.SignInAsync(page, "viewer", "taps/7");
        await LooksAsync();

        async Task LooksAsync()
        {
            await Expect(page.Locator("#calibration .reading")).ToContainTextAsync("450");
            await Expect(page.Locator("#unaccounted")).ToContainTextAsync("no odometer");
            await Expect(page.Locator("main form, #commands, #token, #name")).ToHaveCountAsync(0);
            await host.OpenAsync(page, "taps/new");
            await Expect(page.GetByText("Only an admin can register a tap.")).ToBeVisibleAsync();
            await host.OpenAsync(page, "sales/import");
            await Expect(page.GetByText("Only staff can import sales.")).ToBeVisibleAsync();
        }
    }
}
