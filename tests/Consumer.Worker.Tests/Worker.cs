using Consumer.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>A worker wired as in production whose turns the test drives one by one.</summary>
internal sealed class Worker : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TimeProvider? _time;
    private readonly Dictionary<(int, string), PartitionConsumer> _consumers = [];

    private Worker(WebApplication app, Dictionary<string, string?> settings, TimeProvider? time)
    {
        (_app, _time) = (app, time);
        Settings = settings;
    }

    public Dictionary<string, string?> Settings { get; }

    public IngestOptions Keys => _app.Services.GetRequiredService<IOptions<IngestOptions>>().Value;

    public IDatabase Redis => _app.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

    public static async Task<Worker> CreateAsync(Servers servers, params IEnumerable<(string Key, string Value)> overrides)
    {
        var settings = await servers.SettingsAsync();
        foreach (var (key, value) in overrides)
        {
            settings[key] = value;
        }

        return Create(settings);
    }

    /// <summary>Another worker on the same stream and database.</summary>
    public Worker Sibling() => Create(Settings, _time);

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Stores, or archives, a batch of each partition that it can have.</summary>
    public async Task<int> TurnAsync(string group = ConsumerGroups.Store)
    {
        await Get<SchemaUpgrade>().EnsureAsync(CancellationToken.None);
        await Get<PartitionLeases>().RenewAsync();
        var read = 0;
        foreach (var partition in Get<PartitionLeases>().Held)
        {
            _consumers.TryAdd((partition, group), ActivatorUtilities.CreateInstance<PartitionConsumer>(_app.Services, partition, group));
            read += await _consumers[(partition, group)].ConsumeAsync(CancellationToken.None);
        }

        return read;
    }

    public Task StartAsync() => _app.StartAsync();

    public Task StopAsync() => _app.StopAsync();

    public async Task<IngestEntry> AppendAsync(string body, string tap = "7", Guid? id = null, string kind = EntryKinds.Pour)
    {
        var entry = new IngestEntry
        {
            Id = id ?? Guid.CreateVersion7(),
            Kind = kind,
            Tap = tap,
            ReceivedAt = Get<TimeProvider>().GetUtcNow(),
            Body = System.Text.Encoding.UTF8.GetBytes(body),
        };
        await Get<IngestStream>().AppendAsync(entry, CancellationToken.None);
        return entry;
    }

    public async Task<T> QueryAsync<T>(Func<TaproomDb, Task<T>> query)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<TaproomDb>());
    }

    public Task<List<StoredPour>> PoursAsync() => QueryAsync(db => db.Pours.OrderBy(pour => pour.Tx).ThenBy(pour => pour.Seq).ToListAsync());

    public async Task ExecuteSqlAsync(string sql) => await QueryAsync(db => db.Database.ExecuteSqlRawAsync(sql));

    /// <summary>Makes a full keg and puts it on a tap.</summary>
    public async Task<Guid> TapKegAsync(int tapId, decimal sizeMl)
    {
        var id = Guid.CreateVersion7();
        await QueryAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO taps (id) VALUES ({tapId}) ON CONFLICT DO NOTHING;
                INSERT INTO kegs (id, beverage, size_ml, level_ml) VALUES ({id}, 'Pils', {sizeMl}, {sizeMl});
                """
            )
        );
        Assert.Equal(KegMove.Done, await PutKegAsync(tapId, id));
        return id;
    }

    public Task<KegMove> PutKegAsync(int tapId, Guid kegId) => QueryAsync(db => new Tappings(db).PutAsync(new(tapId, kegId), CancellationToken.None));

    public Task<decimal> LevelAsync(Guid kegId) => QueryAsync(db => db.Kegs.Where(keg => keg.Id == kegId).Select(keg => keg.LevelMl).SingleAsync());

    /// <summary>How many entries a group has not acknowledged.</summary>
    public async Task<long> PendingAsync(string group = ConsumerGroups.Store) =>
        (await Task.WhenAll(Enumerable.Range(0, Keys.Partitions).Select(partition => Get<ConsumerGroups>().Of(partition, group).LagAsync()))).Sum();

    /// <summary>Reads what a group of the first partition has not acknowledged.</summary>
    public async Task<Batch> ReadAsync(string group = ConsumerGroups.Store, int count = 10)
    {
        var (first, now) = (Get<ConsumerGroups>().Of(0, group), DateTimeOffset.UtcNow);
        var position = await first.PositionAsync();
        return new Batch(position, (await first.ReadAsync(position, count))!, now);
    }

    public async Task<IReadOnlyList<StreamEntry>> EntriesAsync() =>
        [.. (await Task.WhenAll(Keys.StreamKeys().Select(stream => Redis.StreamRangeAsync(stream)))).SelectMany(entries => entries)];

    public Task<StreamEntry[]> DeadLettersAsync() => Redis.StreamRangeAsync(Keys.DeadKey);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public static Worker Create(Dictionary<string, string?> settings, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.AddIngestStream();
        builder.AddPourStore();
        builder.AddWriteCheck();
        builder.AddStoreConsumer();
        return new Worker(builder.Build(), settings, time);
    }
}
