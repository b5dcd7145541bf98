using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Distributed.Tests.Faults;

/// <summary>Reads along what the front transports append to the ingest stream, and counts it; what is read is not taken from anybody.</summary>
internal sealed class AcceptedEntries : IAsyncDisposable
{
    private const int Partitions = 4;

    private readonly IConnectionMultiplexer _redis;
    private readonly PourLedger _ledger;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _reading;
    private readonly Dictionary<int, int> _repeated = [];
    private readonly HashSet<Guid> _events = [];
    private long _copies;
    private long _count;

    private AcceptedEntries(IConnectionMultiplexer redis, PourLedger ledger)
    {
        (_redis, _ledger) = (redis, ledger);
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Keys of the partitions.</summary>
    public static RedisKey[] Streams { get; } = [.. Enumerable.Range(0, Partitions).Select(n => (RedisKey)$"taproom:ingest:{n}")];

    /// <summary>Its Redis.</summary>
    public IDatabase Redis => _redis.GetDatabase();

    /// <summary>Entries read so far.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Of these, those with the id of another tap's pour.</summary>
    public long Copies => Interlocked.Read(ref _copies);

    /// <summary>Of these, the alerts by which Taproom tells of the faults, each once; by now.</summary>
    public int Events => _events.Count;

    /// <summary>Pours that were in the stream before, by the step in which they came again.</summary>
    public IReadOnlyDictionary<int, int> Repeated => _repeated;

    /// <summary>Begins to read.</summary>
    public static async Task<AcceptedEntries> StartAsync(RunningTaproom taproom, PourLedger ledger) =>
        new(await ConnectionMultiplexer.ConnectAsync($"{taproom.Redis.ConnectionString},allowAdmin=true"), ledger);

    /// <summary>How many entries the streams have had in all, as Redis counts them.</summary>
    public async Task<long> AddedAsync()
    {
        var added = 0L;
        foreach (var stream in Streams)
        {
            var info = await Redis.ExecuteAsync("XINFO", "STREAM", stream);
            added += (long)info.ToDictionary()["entries-added"];
        }

        return added;
    }

    /// <summary>Waits until pours flow: a hundred more entries.</summary>
    public Task SomeAsync()
    {
        var enough = Count + 100;
        return Eventually.TrueAsync(() => Task.FromResult(Count >= enough || _reading.IsFaulted), "pours flow", TimeSpan.FromMinutes(1));
    }

    /// <summary>Waits until every entry is stored, set aside or known before, and archived, and was read here.</summary>
    public async Task StoredAsync()
    {
        try
        {
            await Eventually.TrueAsync(IsStoredAsync, "every entry is stored", TimeSpan.FromMinutes(3));
        }
        catch (TimeoutException ex)
        {
            throw new TimeoutException($"{ex.Message} {await AddedAsync()} added, {Count} read, {string.Join(", ", await WaitingAsync())}.", ex);
        }
    }

    private async Task<bool> IsStoredAsync()
    {
        if (_reading.IsFaulted)
        {
            await _reading;
        }

        return (await WaitingAsync()).Count == 0 && await AddedAsync() == Count;
    }

    private async Task<List<string>> WaitingAsync()
    {
        var waiting = new List<string>();
        foreach (var stream in Streams)
        {
            // Not by the lag, of which Redis 7.0 tells too much after a restart.
            var newest = $"{(await Redis.StreamInfoAsync(stream)).LastGeneratedId}";
            waiting.AddRange(
                (await Redis.StreamGroupInfoAsync(stream))
                    .Where(group => group.LastDeliveredId != newest)
                    .Select(group => $"{stream} {group.Name}: {group.Lag} not acknowledged")
            );
        }

        return waiting;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _redis.DisposeAsync();
        _end.Dispose();
    }

    private async Task ReadAsync()
    {
        StreamPosition[] from = [.. Streams.Select(stream => new StreamPosition(stream, "0-0"))];
        while (!_end.IsCancellationRequested)
        {
            try
            {
                foreach (var stream in await Redis.StreamReadAsync(from, countPerStream: 2_000))
                {
                    foreach (var entry in stream.Entries)
                    {
                        Read(entry);
                    }

                    from[Array.IndexOf(Streams, stream.Key)] = new StreamPosition(stream.Key, stream.Entries[^1].Id);
                }
            }
            catch (Exception ex) when (ex is RedisException or TimeoutException)
            {
                // It is away; the entries wait.
            }

            await Task.Delay(50, _end.Token);
        }
    }

    private void Read(StreamEntry entry)
    {
        Interlocked.Increment(ref _count);
        var id = Guid.Parse((string)entry["id"]!);
        var isRepeated = false;
        if (entry["kind"] != EntryKinds.Pour)
        {
            isRepeated = !_events.Add(id);
        }
        else if (_ledger.Pours[id] is var pour && (int)entry["tap"] != pour.Tap)
        {
            Interlocked.Increment(ref _copies);
        }
        else
        {
            isRepeated = ++pour.Accepted > 1;
        }

        if (isRepeated)
        {
            _repeated[_ledger.Step] = _repeated.GetValueOrDefault(_ledger.Step) + 1;
        }
    }
}
