using System.Text;
using Dashboard.Web.Board;
using Dashboard.Web.Push;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Taproom;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Signals;
using Taproom.Store;
using Testing;

namespace Dashboard.Web.Tests;

/// <summary>The service on a real port, and what stands for the front doors and the worker around it.</summary>
internal sealed class Dashboard : WebApplicationFactory<Program>
{
    /// <summary>A trace that an entry can come with.</summary>
    public const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly Dictionary<string, string?> _settings;

    private readonly TimeProvider? _time;

    private Dashboard(Dictionary<string, string?> settings, TimeProvider? time = null)
    {
        (_settings, _time) = (settings, time);
        UseKestrel(0);
    }

    public LiveBoard Board => Services.GetRequiredService<LiveBoard>();

    public PoursListeners Listeners => Services.GetRequiredService<PoursListeners>();

    public Uri HubAddress => new(ClientOptions.BaseAddress, PoursHub.Path);

    /// <summary>A dashboard, not started.</summary>
    public static Task<Dashboard> CreateAsync(Servers servers, params IEnumerable<(string Key, string Value)> overrides) =>
        CreateAsync(servers, time: null, overrides);

    /// <summary>A dashboard, not started, with a clock of its own.</summary>
    public static async Task<Dashboard> CreateAsync(Servers servers, TimeProvider? time, params IEnumerable<(string Key, string Value)> overrides)
    {
        var settings = await servers.SettingsAsync();
        settings["Dashboard:ReconcileInterval"] = "00:00:00.200";
        settings["Dashboard:PresenceInterval"] = "00:00:00.200";
        foreach (var (key, value) in overrides)
        {
            settings[key] = value;
        }

        return new Dashboard(settings, time);
    }

    /// <summary>Another one on the same stream and database.</summary>
    public Dashboard Sibling() => new(_settings);

    /// <summary>Another one that differs in one setting.</summary>
    public Dashboard With(string key, string value) => new(new Dictionary<string, string?>(_settings) { [key] = value });

    /// <summary>Starts it with somebody who looks at it all the time, and waits until it knows the totals.</summary>
    public async Task StartAsync()
    {
        StartServer();
        await WatchAsync();
    }

    /// <summary>Somebody looks at it from now on, as an open page does; returns when the board is loaded.</summary>
    public async Task<IDisposable> WatchAsync()
    {
        var watching = Watch();
        await Eventually.TrueAsync(() => Task.FromResult(Board.View().State is BoardState.Live), "the dashboard is live");
        return watching;
    }

    /// <summary>Somebody looks at it from now on, whatever there is to see.</summary>
    public IDisposable Watch() => Services.GetRequiredService<ListenerGate>().Enter();

    /// <summary>Does what a front door does.</summary>
    public Task<IngestEntry> AppendAsync(decimal volumeMl = 500, int tapId = 7, Guid? id = null) => AppendAsync(Entry(volumeMl, tapId, id));

    /// <summary>Does what a front door does.</summary>
    public async Task<IngestEntry> AppendAsync(IngestEntry entry)
    {
        await Services.GetRequiredService<IngestStream>().AppendAsync(entry, CancellationToken.None);
        return entry;
    }

    public static IngestEntry Entry(decimal volumeMl = 500, int tapId = 7, Guid? id = null) =>
        Entry(EntryKinds.Pour, $$"""{"volume":{{volumeMl}}}""", tapId.ToString(), id);

    public static IngestEntry Message(string json) => Entry(EntryKinds.Message, json);

    public static IngestEntry Event(string message) =>
        Entry(EntryKinds.Event, $$"""{"component":"cooler","environment":"bar","email":"ann@bar.example","message":"{{message}}","data":[true]}""");

    /// <summary>Does what the worker does, without telling anybody.</summary>
    public async Task StoreAsync(params IReadOnlyCollection<IngestEntry> entries)
    {
        await using var db = Database(_settings);
        await new Calibrations(db, new PourStore(db, new EntryStore(db))).StoreAsync([.. entries.Select(ToPour)], CancellationToken.None);
    }

    /// <summary>Does what the worker does with messages and events, without telling anybody.</summary>
    public async Task StoreMoreAsync(params IEnumerable<IngestEntry> entries)
    {
        await using var db = Database(_settings);
        foreach (var view in entries.Select(entry => EntryView.Read(entry)!))
        {
            db.Add<object>(
                view.Event is { } e
                    ? new StoredEvent
                    {
                        Id = view.Id,
                        CreatedAt = view.ReceivedAt,
                        Component = e.Component,
                        Environment = e.Environment,
                        Email = e.Email,
                        Message = e.Message,
                        Data = e.Data,
                        TraceId = view.TraceId,
                    }
                    : new StoredMessage
                    {
                        Id = view.Id,
                        ReceivedAt = view.ReceivedAt,
                        Payload = view.Json,
                        TraceId = view.TraceId,
                    }
            );
        }

        await db.SaveChangesAsync();
    }

    /// <summary>Does what the API does when an admin registers a tap.</summary>
    public Task RegisterAsync(int tapId, string name) =>
        ExecuteSqlAsync($"INSERT INTO taps (id, name, registered_at) VALUES ({tapId}, {name}, now())");

    public async Task ExecuteSqlAsync(FormattableString sql)
    {
        await using var db = Database(_settings);
        await db.Database.ExecuteSqlAsync(sql);
    }

    /// <summary>Puts a full keg on a tap that has none, or takes it off.</summary>
    public async Task PutKegAsync(int tapId, decimal? sizeMl)
    {
        await ExecuteSqlAsync($"INSERT INTO taps (id) VALUES ({tapId}) ON CONFLICT DO NOTHING");
        await using var db = Database(_settings);
        if (sizeMl is not { } size)
        {
            await new Tappings(db).TakeOffAsync(tapId, CancellationToken.None);
            return;
        }

        var keg = new Keg
        {
            Id = Guid.NewGuid(),
            Beverage = "Pils",
            SizeMl = size,
            LevelMl = size,
        };
        db.Add(keg);
        await db.SaveChangesAsync();
        await new Tappings(db).PutAsync(new(tapId, keg.Id), CancellationToken.None);
    }

    /// <summary>Does what the worker does after that.</summary>
    public Task SendReceiptAsync(IngestEntry entry) => Services.GetRequiredService<Receipts>().PublishAsync(new Receipt(entry.Tap, [entry.Id]));

    /// <summary>Does what the API does for DELETE.</summary>
    public async Task DeleteAsync(IngestEntry entry, bool announced = true)
    {
        await using (var db = Database(_settings))
        {
            Assert.True(await new PourStore(db, new EntryStore(db)).DeleteAsync(entry.Id, reason: null, CancellationToken.None));
        }

        if (announced)
        {
            await Services.GetRequiredService<Deletions>().PublishAsync(entry.Id);
        }
    }

    public async Task<Listener> ListenAsync()
    {
        var before = Listeners.Count;
        var listener = await Listener.ConnectAsync(HubAddress);
        await Eventually.TrueAsync(() => Task.FromResult(Listeners.Count > before), "the listener is known");
        return listener;
    }

    /// <summary>The messages or the events that are shown.</summary>
    public IReadOnlyList<EntryView> Latest(string kind) => kind == EntryKinds.Message ? Board.View().Messages : Board.View().Events;

    /// <summary>The counter of a tap; null while the tap is not shown.</summary>
    public TapView? Tap(int tapId) => Board.View().Taps.SingleOrDefault(tap => tap.TapId == tapId);

    public Task ShowsAsync(int tapId, long pours, decimal volumeMl) =>
        Eventually.TrueAsync(
            () => Task.FromResult(Tap(tapId) is { } tap && tap.Pours == pours && tap.VolumeMl == volumeMl),
            $"tap {tapId} shows {pours} pours, {volumeMl} mL"
        );

    /// <inheritdoc />
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        if (_time is not null)
        {
            builder.ConfigureTestServices(services => services.AddSingleton(_time));
        }
    }

    private static IngestEntry Entry(string kind, string json, string tap = "", Guid? id = null) =>
        new()
        {
            Id = id ?? Guid.CreateVersion7(),
            Kind = kind,
            Tap = tap,
            ReceivedAt = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()),
            Body = Encoding.UTF8.GetBytes(json),
        };

    private static Pour ToPour(IngestEntry entry) =>
        PourEntry.TryRead(entry, out var pour, out var reason) ? pour : throw new InvalidOperationException(reason);

    private static TaproomDb Database(Dictionary<string, string?> settings) =>
        new(new DbContextOptionsBuilder<TaproomDb>().UseNpgsql(settings["ConnectionStrings:taproomdb"]).Options);
}
