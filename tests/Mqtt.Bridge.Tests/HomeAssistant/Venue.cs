using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Taproom.Pours;
using Taproom.Signals;
using Taproom.Store;
using Testing;

namespace Mqtt.Bridge.Tests.HomeAssistant;

/// <summary>A bridge that announces taps, and what the API and the worker do beside it: store, then tell.</summary>
internal sealed class Venue : IAsyncDisposable
{
    public const string User = "home-assistant";
    public const string Password = "a secret";

    private Venue(TestBridge bridge) => Bridge = bridge;

    public TestBridge Bridge { get; private set; }

    /// <summary>The name of its database.</summary>
    public string Database { get; private init; } = "";

    public static async Task<Venue> OpenAsync(Servers servers, TimeProvider? time = null, params IEnumerable<(string Key, string Value)> overrides)
    {
        var database = await servers.Postgres.CreateDatabaseAsync();
        var bridge = await TestBridge.StartAsync(
            servers.Redis,
            time,
            [
                ("ConnectionStrings:taproomdb", database),
                ("HomeAssistant:Enabled", "true"),
                ("HomeAssistant:User", User),
                ("HomeAssistant:Password", Password),
                ("HomeAssistant:Interval", "00:00:01"),
                .. overrides,
            ]
        );
        return new Venue(bridge) { Database = new NpgsqlConnectionStringBuilder(database).Database! };
    }

    /// <summary>
    /// Waits until so many taps are announced. Who connects before that may be told the same twice: as what is retained, and as what is new.
    /// </summary>
    public Task AnnouncedAsync(int taps) =>
        Eventually.TrueAsync(async () => await Bridge.RetainedAsync() == (2 * taps) + 1, $"{taps} taps are announced");

    public async Task<RetainedView> ConnectAsync() => await RetainedView.ConnectAsync(Bridge.Port, User, Password);

    /// <summary>Restarts the bridge with other settings.</summary>
    public async Task RestartAsync(params IEnumerable<(string Key, string Value)> overrides)
    {
        await Bridge.DisposeAsync();
        Bridge = await Bridge.RestartAsync(overrides);
    }

    public Task RegisterAsync(int tapId, string name = "Bar left") =>
        ChangeAsync(
            tapId,
            db =>
                db.Database.ExecuteSqlAsync(
                    $"INSERT INTO taps (id, name, registered_at) VALUES ({tapId}, {name}, now()) ON CONFLICT (id) DO UPDATE SET name = {name}, registered_at = now()"
                )
        );

    public Task RemoveAsync(int tapId) =>
        ChangeAsync(tapId, db => db.Database.ExecuteSqlAsync($"UPDATE taps SET registered_at = NULL WHERE id = {tapId}"));

    public async Task PutKegAsync(int tapId, string beverage, decimal sizeMl)
    {
        var keg = new Keg
        {
            Id = Guid.CreateVersion7(),
            Beverage = beverage,
            SizeMl = sizeMl,
            LevelMl = sizeMl,
        };
        await UseAsync(async services =>
        {
            var db = services.GetRequiredService<TaproomDb>();
            db.Kegs.Add(keg);
            await db.SaveChangesAsync();
            Assert.Equal(KegMove.Done, await services.GetRequiredService<Tappings>().PutAsync(new(tapId, keg.Id), CancellationToken.None));
        });
        await Bridge.Get<TapChanges>().PublishAsync(tapId);
    }

    public async Task TakeKegOffAsync(int tapId)
    {
        await UseAsync(services => services.GetRequiredService<Tappings>().TakeOffAsync(tapId, CancellationToken.None));
        await Bridge.Get<TapChanges>().PublishAsync(tapId);
    }

    public async Task<Guid> PourAsync(int tapId, decimal volumeMl, DateTimeOffset? at = null)
    {
        var pouredAt = at ?? Bridge.Get<TimeProvider>().GetUtcNow();
        pouredAt = DateTimeOffset.FromUnixTimeMilliseconds(pouredAt.ToUnixTimeMilliseconds());
        var pour = new Pour(Guid.CreateVersion7(), tapId, volumeMl, pouredAt, pouredAt);
        await UseAsync(services => services.GetRequiredService<PourStore>().StoreAsync([pour], CancellationToken.None));
        await Bridge.Get<Receipts>().PublishAsync(new Receipt($"{tapId}", [pour.Id]));
        return pour.Id;
    }

    public async Task DeletePourAsync(Guid id)
    {
        await UseAsync(services => services.GetRequiredService<PourStore>().DeleteAsync(id, reason: null, CancellationToken.None));
        await Bridge.Get<Deletions>().PublishAsync(id);
    }

    public async Task ReadAsync(int tapId, string reading)
    {
        var id = Guid.CreateVersion7();
        await ExecuteAsync(db =>
            db.Database.ExecuteSqlAsync($"INSERT INTO readings (id, device, received_at, body) VALUES ({id}, {$"{tapId}"}, now(), {reading})")
        );
        await Bridge.Get<Receipts>().PublishAsync(new Receipt($"{tapId}", [id]));
    }

    public Task ExecuteAsync(Func<TaproomDb, Task> work) => UseAsync(services => work(services.GetRequiredService<TaproomDb>()));

    public async ValueTask DisposeAsync()
    {
        if (Bridge.Get<TimeProvider>() is FakeTimeProvider time)
        {
            // A stop waits a moment for the last acknowledgements, by the bridge's clock.
            var stopped = Bridge.StopAsync();
            await time.AdvanceUntilAsync(() => stopped.IsCompleted, TimeSpan.FromSeconds(1));
        }

        await Bridge.DisposeAsync();
    }

    private async Task ChangeAsync(int tapId, Func<TaproomDb, Task> change)
    {
        await ExecuteAsync(change);
        await Bridge.Get<TapChanges>().PublishAsync(tapId);
    }

    private async Task UseAsync(Func<IServiceProvider, Task> work)
    {
        await using var scope = Bridge.Get<IServiceScopeFactory>().CreateAsyncScope();
        await work(scope.ServiceProvider);
    }
}
