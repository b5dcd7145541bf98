using System.Diagnostics;
using Npgsql;
using StackExchange.Redis;
using Testing;

namespace Tap.Simulator.Tests;

/// <summary>The commands of docs/operations.md, run while taps pour; then both stores are lost with all that runs.</summary>
[Collection(nameof(LineCollection))]
public sealed class BackupTests : IAsyncLifetime
{
    private const string AdminKey = "a-key-that-only-tests-know";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taproom-");
    private readonly List<ServiceProcess> _running = [];
    private readonly string _worker = $"http://127.0.0.1:{LocalServer.FreePort()}";
    private readonly string _api = $"http://127.0.0.1:{LocalServer.FreePort()}";
    private readonly string _bridge = $"http://127.0.0.1:{LocalServer.FreePort()}";
    private readonly string _mqtt = $"{LocalServer.FreePort()}";

    [Fact]
    public async Task What_was_accepted_before_a_backup_and_what_journals_hold_is_there_after_a_restore_and_nothing_twice()
    {
        HashSet<Guid> accepted;
        await using (var before = await StartStoresAsync(restored: false))
        {
            var services = await StartServicesAsync(before);
            var taps = StartTaps(before, rate: 200);
            await Eventually.TrueAsync(async () => (await PouredAsync(before.Database)).Count > 200, "the taps pour", TimeSpan.FromSeconds(60));

            // What is accepted now is in the stream only; it is stored while the backup goes on.
            await services[0].SignalAsync("STOP");
            var stored = await PouredAsync(before.Database);
            await Eventually.TrueAsync(async () => (await InStreamAsync(before.Redis)).Except(stored).Count() > 100, "some wait");
            accepted = [.. stored, .. await InStreamAsync(before.Redis)];
            var backup = RunAsync("Backup", before);
            await Eventually.TrueAsync(() => Task.FromResult(Directory.Exists(Path.Combine(Backup, "redis/appendonlydir"))), "Redis is copied");
            await services[0].SignalAsync("CONT");
            await backup;

            // What comes now and gets its receipt is what no backup has.
            await Eventually.TrueAsync(async () => (await PouredAsync(before.Database)).Count > accepted.Count + 200, "the taps go on");
            await Task.WhenAll(services.Append(taps).Select(process => process.KillAsync()));
        }

        var journaled = Journaled();
        Assert.NotEmpty(journaled);
        await using var after = await StartStoresAsync(restored: true);
        var again = await StartServicesAsync(after);
        var last = StartTaps(after, rate: 20);

        var wanted = accepted.Union(journaled).ToHashSet();
        await Eventually.TrueAsync(async () => wanted.IsSubsetOf(await PouredAsync(after.Database)), "all of it is stored", TimeSpan.FromSeconds(90));
        await last.KillAsync();
        await Task.WhenAll(again.Select(process => process.KillAsync()));
        Assert.Empty(await StoredRules.BrokenAsync(after.Database));
    }

    /// <inheritdoc />
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        foreach (var process in _running)
        {
            await process.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private string Backup => Path.Combine(_folder.FullName, "backup");

    private string Journals => Path.Combine(_folder.FullName, "journals");

    private async Task<Stores> StartStoresAsync(bool restored)
    {
        var stores = new Stores();
        await stores.Postgres.InitializeAsync();
        stores.Database = await stores.Postgres.CreateEmptyDatabaseAsync();
        if (restored)
        {
            await RunAsync("Restore", stores);
        }

        await stores.Redis.InitializeAsync();
        return stores;
    }

    // The first block of commands below a heading.
    private async Task RunAsync(string heading, Stores stores)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(LocalServer.Repository, "docs/operations.md"));
        var commands = page.Split($"## {heading}\n")[1].Split("```bash\n")[1].Split("```")[0];
        var database = new NpgsqlConnectionStringBuilder(stores.Database);
        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-c", commands])
            {
                RedirectStandardError = true,
                Environment =
                {
                    ["REDIS_URL"] = $"redis://127.0.0.1:{stores.Redis.Port}",
                    ["REDIS_DATA"] = stores.Redis.DataFolder,
                    ["POSTGRES_URL"] = $"postgresql://{database.Username}@{database.Host}:{database.Port}/{database.Database}",
                    ["PGPASSWORD"] = database.Password,
                    ["BACKUP"] = Backup,
                },
            }
        )!;
        var problems = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, problems);
    }

    private async Task<ServiceProcess[]> StartServicesAsync(Stores stores)
    {
        ServiceProcess[] services =
        [
            Start("Consumer.Worker", Settings(stores, _worker)),
            Start("Ingest.Api", Settings(stores, _api)),
            Start("Mqtt.Bridge", Settings(stores, _bridge)),
        ];
        await Task.WhenAll(((string[])[_worker, _api, _bridge]).Select(ServiceProcess.HealthyAsync));
        return services;
    }

    private ServiceProcess Start(string project, Dictionary<string, string?> settings, params string[] arguments)
    {
        _running.Add(ServiceProcess.Start(project, settings, arguments));
        return _running[^1];
    }

    private ServiceProcess StartTaps(Stores stores, int rate) =>
        Start("Tap.Simulator", Settings(stores, "http://127.0.0.1:0"), "--taps", "10", "--rate", $"{rate}", "--journal", Journals);

    private Dictionary<string, string?> Settings(Stores stores, string address) =>
        new()
        {
            ["ASPNETCORE_URLS"] = address,
            ["ConnectionStrings:redis"] = stores.Redis.ConnectionString,
            ["ConnectionStrings:taproomdb"] = stores.Database,
            ["Mqtt:Port"] = _mqtt,
            ["Admin:Key"] = AdminKey,
            ["Simulator:AdminKey"] = AdminKey,
            ["Simulator:Mqtt"] = $"mqtt://127.0.0.1:{_mqtt}",
            ["Simulator:Api"] = _api,
            ["Simulator:MaxBackoff"] = "00:00:01",
            ["Simulator:ResendAfter"] = "00:00:05",
        };

    // The pours that the taps still hold.
    private HashSet<Guid> Journaled()
    {
        var held = new HashSet<Guid>();
        foreach (var file in Directory.EnumerateFiles(Journals))
        {
            foreach (var line in File.ReadLines(file).Select(line => JournalLine.Parse(System.Text.Encoding.UTF8.GetBytes(line))))
            {
                if (line?.Poured is { } pour)
                {
                    held.Add(pour.Id);
                }

                held.ExceptWith(line?.Freed ?? []);
            }
        }

        return held;
    }

    private static async Task<HashSet<Guid>> PouredAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("SELECT id FROM pours");
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            var ids = new HashSet<Guid>();
            while (await reader.ReadAsync())
            {
                ids.Add(reader.GetGuid(0));
            }

            return ids;
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return [];
        }
    }

    private static async Task<IEnumerable<Guid>> InStreamAsync(RedisServer redis)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var streams = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(partition => connection.GetDatabase().StreamRangeAsync($"taproom:ingest:{partition}"))
        );
        return streams.SelectMany(entries => entries).Select(entry => Guid.Parse(entry["id"].ToString()));
    }

    private sealed class Stores : IAsyncDisposable
    {
        public RedisServer Redis { get; } = new();

        public PostgresServer Postgres { get; } = new();

        public string Database { get; set; } = "";

        // Not in an orderly way: a server that is lost writes nothing more.
        public async ValueTask DisposeAsync()
        {
            await Task.WhenAll(Redis.KillAsync(), Postgres.KillAsync());
            await Task.WhenAll(Redis.DisposeAsync(), Postgres.DisposeAsync());
        }
    }
}
