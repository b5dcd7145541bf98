using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Internal;
using Microsoft.Playwright;
using Taproom.Ingest;
using Taproom.Signals;
using Taproom.Store;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>Dashboard.Web on a real port, over the collection's servers.</summary>
internal sealed class LivePageHost : WebApplicationFactory<Program>
{
    private readonly Dictionary<string, string?> _settings;
    private readonly HashSet<IBrowserContext> _visits = [];
    private readonly int _port;
    private readonly TimeProvider? _time;
    private ApiHost? _api;

    private LivePageHost(Dictionary<string, string?> settings, int port, TimeProvider? time = null)
    {
        _settings = settings;
        _port = port;
        _time = time;
        // What a test puts into Postgres is seen at once, not within a minute.
        _settings.TryAdd("Dashboard:FactsInterval", "00:00:00.500");
        // Files as they are when it is shipped. While it is developed, they are read anew from the sources, compressed and asked for each time.
        _settings["ReloadStaticAssetsAtRuntime"] = "false";
        _settings["EnableStaticAssetsDevelopmentCaching"] = "true";
        // Why a page has stopped is said in its console, where Chromium.LeaveAsync finds it.
        _settings["DetailedErrors"] = "true";
        UseKestrel(port);
        StartServer();
    }

    public string Address => $"http://127.0.0.1:{_port}/";

    public static Task<LivePageHost> StartAsync(Servers servers, params IEnumerable<(string Key, string Value)> overrides) =>
        StartAsync(servers, time: null, overrides);

    /// <summary>Starts it.</summary>
    /// <param name="servers">Its servers.</param>
    /// <param name="time">Its clock; null for the machine's.</param>
    /// <param name="overrides">Settings of its own.</param>
    public static async Task<LivePageHost> StartAsync(Servers servers, TimeProvider? time, params IEnumerable<(string Key, string Value)> overrides)
    {
        var settings = await servers.SettingsAsync();
        settings["Dashboard:TracesUrl"] = "http://localhost:18888/traces";
        foreach (var (key, value) in overrides)
        {
            settings[key] = value;
        }

        return new LivePageHost(settings, LocalServer.FreePort(), time);
    }

    /// <summary>The page and the API that it calls, for pages that change something.</summary>
    public static Task<LivePageHost> StartWithApiAsync(Servers servers, params IEnumerable<(string Key, string Value)> overrides) =>
        StartWithApiAsync(servers, time: null, overrides);

    /// <summary>The page, by a clock of its own, and the API that it calls.</summary>
    public static async Task<LivePageHost> StartWithApiAsync(
        Servers servers,
        TimeProvider? time,
        params IEnumerable<(string Key, string Value)> overrides
    )
    {
        var settings = await servers.SettingsAsync();
        foreach (var (key, value) in overrides)
        {
            settings[key] = value;
        }

        var api = new ApiHost(settings);
        // On a busy machine the first calls of a process may take longer than a call may wait for Postgres.
        await Eventually.TrueAsync(async () => (await api.Admin.GetAsync("/health")).IsSuccessStatusCode, "the API is ready");
        settings["services:ingest-api:http:0"] = api.Address;
        return new LivePageHost(settings, LocalServer.FreePort(), time) { _api = api };
    }

    /// <summary>The API, where the page has one.</summary>
    public ApiHost Api => _api ?? throw new InvalidOperationException("This page was started without the API.");

    /// <summary>Adds a user and signs it in by the page, which then shows <paramref name="path"/>.</summary>
    public async Task SignInAsync(IPage page, string role, string path = "manage")
    {
        _visits.Add(page.Context);
        await Api.AddUserAsync($"{role} of the bar", role);
        await page.GotoAsync($"{Address}sign-in?ReturnUrl=%2F{Uri.EscapeDataString(path)}");
        await EnterAsync(page, $"{role} of the bar", ApiHost.Password);
        await Expect(page).ToHaveURLAsync($"{Address}{path}");
        await ListensAsync(page);
    }

    /// <summary>Sends the form of the sign-in page, and waits for the page that answers it; once more, as a person does, where it asks for that.</summary>
    public static Task EnterAsync(IPage page, string name, string password) =>
        Eventually.TrueAsync(
            async () =>
            {
                await page.GetByLabel("Name").FillAsync(name);
                await page.GetByLabel("Password").FillAsync(password);
                // Not for its load event, of which Playwright did not hear once in many runs.
                await page.EvaluateAsync("() => document.documentElement.dataset.sent = 'yes'");
                await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
                await page.WaitForFunctionAsync("() => !document.documentElement.dataset.sent && document.readyState !== 'loading'");
                // On a busy machine the first calls of the API may take longer than they may.
                return await page.Locator(".sign-in .fault", new() { HasText = "try again" }).CountAsync() == 0;
            },
            "an answer to who signs in"
        );

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        // A page that is open comes back at once, and the server would wait for three seconds until it has gone.
        foreach (var visit in _visits)
        {
            await visit.CloseAsync();
        }

        await base.DisposeAsync();
        if (_api is not null)
        {
            await _api.DisposeAsync();
        }
    }

    /// <summary>Ends it, and starts it again: a new process in all but name, on the same port, stream and database.</summary>
    public async Task<LivePageHost> RestartAsync()
    {
        await DisposeAsync();
        return new(_settings, _port);
    }

    /// <summary>Opens a page, and waits until it listens.</summary>
    public async Task OpenAsync(IPage page, string path = "")
    {
        _visits.Add(page.Context);
        await page.GotoAsync(Address + path);
        await ListensAsync(page);
        await Expect(page.Locator(".connection")).ToContainTextAsync("Live");
    }

    /// <summary>Waits until a page listens, and sees it at once: an assertion looks again after 100 ms, then after 250, 500 and 1,000.</summary>
    public static Task ListensAsync(IPage page) => page.WaitForFunctionAsync("() => document.documentElement.dataset.feed === 'listening'");

    /// <summary>Does what a front door does.</summary>
    public Task<IngestEntry> AppendAsync(decimal volumeMl, int tapId, string? traceParent = null) =>
        AppendAsync(EntryKinds.Pour, $$"""{"volume":{{volumeMl}}}""", tapId.ToString(), traceParent);

    /// <summary>Does what a front door does.</summary>
    public async Task<IngestEntry> AppendAsync(
        string kind,
        string json,
        string tap = "",
        string? traceParent = null,
        DateTimeOffset? receivedAt = null
    )
    {
        var entry = new IngestEntry
        {
            Id = Guid.CreateVersion7(),
            Kind = kind,
            Tap = tap,
            ReceivedAt = receivedAt ?? DateTimeOffset.UtcNow,
            Body = Encoding.UTF8.GetBytes(json),
            TraceParent = traceParent,
        };
        await Services.GetRequiredService<IngestStream>().AppendAsync(entry, CancellationToken.None);
        return entry;
    }

    /// <summary>Does what the worker does with a pour.</summary>
    public async Task StoreAsync(IngestEntry entry)
    {
        Assert.True(PourEntry.TryRead(entry, out var pour, out var reason), reason);
        await using var scope = Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Calibrations>().StoreAsync([pour], CancellationToken.None);
        await Services.GetRequiredService<Receipts>().PublishAsync(new Receipt(entry.Tap, [entry.Id]));
    }

    /// <summary>Does what the worker does with a message.</summary>
    public async Task StoreMessageAsync(IngestEntry entry)
    {
        var payload = Encoding.UTF8.GetString(entry.Body);
        await ExecuteSqlAsync($"INSERT INTO messages (id, received_at, payload) VALUES ({entry.Id}, {entry.ReceivedAt}, {payload})");
        await Services.GetRequiredService<Receipts>().PublishAsync(new Receipt(entry.Tap, [entry.Id]));
    }

    /// <summary>Does what the API does when an admin registers taps.</summary>
    public async Task RegisterAsync(params (int Id, string Name)[] taps)
    {
        var (ids, names) = (taps.Select(tap => tap.Id).ToArray(), taps.Select(tap => tap.Name).ToArray());
        await ExecuteSqlAsync($"INSERT INTO taps (id, name, registered_at) SELECT *, now() FROM unnest({ids}, {names})");
    }

    /// <summary>Puts a full keg on a tap that has none.</summary>
    public async Task PutKegAsync(int tapId, string beverage, decimal sizeMl)
    {
        await ExecuteSqlAsync($"INSERT INTO taps (id) VALUES ({tapId}) ON CONFLICT DO NOTHING");
        var keg = Guid.NewGuid();
        await ExecuteSqlAsync($"INSERT INTO kegs (id, beverage, size_ml, level_ml) VALUES ({keg}, {beverage}, {sizeMl}, {sizeMl})");
        await using var scope = Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Tappings>().PutAsync(new(tapId, keg), CancellationToken.None);
    }

    /// <summary>Does what the worker does with a reading that came some time ago.</summary>
    public Task ReadAsync(int tapId, string json, TimeSpan ago = default) =>
        ExecuteSqlAsync(
            $"INSERT INTO readings (id, device, received_at, body) VALUES ({Guid.NewGuid()}, {$"{tapId}"}, {DateTimeOffset.UtcNow - ago}, {json})"
        );

    /// <summary>Does what no service of ours does.</summary>
    public async Task ExecuteSqlAsync(FormattableString sql)
    {
        await using var scope = Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TaproomDb>().Database.ExecuteSqlAsync(sql);
    }

    /// <inheritdoc />
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        // That each service can be made is looked at by the tests of the project.
        builder.UseDefaultServiceProvider(options => options.ValidateScopes = true);
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        if (_time is not null)
        {
            builder.ConfigureTestServices(services =>
                services.AddSingleton(_time).Configure<MemoryCacheOptions>(options => options.Clock = _time as ISystemClock)
            );
        }
    }
}
