using MQTTnet.Formatter;
using Testing;

namespace Distributed.Tests.Faults;

/// <summary>A bridge, the API and a worker, at which six taps pour, for a test of faults one by one.</summary>
internal sealed class SmallRun : IAsyncDisposable
{
    private static readonly int[] Taps = [1, 2, 3, 4, 5, 6];

    // These wait for receipts; for those before them acknowledgements are enough.
    private const int FirstWithReceipts = 5;

    private readonly PourLedger _ledger = new();
    private AcceptedEntries? _entries;
    private PouringTaps? _pouring;

    private SmallRun(RedisServer? redis) => Taproom = new RunningTaproom(redis);

    /// <summary>What runs.</summary>
    public RunningTaproom Taproom { get; }

    /// <summary>What was accepted.</summary>
    public AcceptedEntries Entries => _entries!;

    /// <summary>Starts it; when it returns, pours flow.</summary>
    /// <param name="onlyReceipts">Whether all taps wait for receipts; else two do, and two over MQTT and two over HTTP do not.</param>
    /// <param name="redis">Its Redis; null for one as it is shipped.</param>
    public static async Task<SmallRun> StartAsync(bool onlyReceipts = false, RedisServer? redis = null)
    {
        var run = new SmallRun(redis);
        try
        {
            await run.StartAsync(onlyReceipts);
            return run;
        }
        catch
        {
            // Processes outlive a test.
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until more pours are in Postgres than now.</summary>
    public async Task StoresAsync()
    {
        var before = await StoredAsync();
        await Eventually.TrueAsync(async () => await StoredAsync() > before, "pours are stored", TimeSpan.FromMinutes(1));
    }

    /// <summary>Waits until more entries come and none of them is in Postgres.</summary>
    public Task StoresNothingAsync() =>
        // First some are stored yet: those that were on their way, and on a full disk those for which there is room in pages that it has.
        Eventually.TrueAsync(
            async () =>
            {
                var before = await StoredAsync();
                await Entries.SomeAsync();
                return await StoredAsync() == before;
            },
            "entries come and nothing is stored",
            TimeSpan.FromMinutes(1)
        );

    /// <summary>Pours no more, waits until all is acknowledged and stored, and compares the account.</summary>
    public async Task AssertNothingLostAsync()
    {
        await _pouring!.CloseAsync();
        await _pouring.AcknowledgedAsync();
        Assert.Empty((await Account.CompareAsync(Taproom, _ledger, Entries, [.. Taps])).Faults);
    }

    /// <summary>The same after a loss of Redis: what the taps know against what is in Postgres, in any order.</summary>
    public async Task AssertNothingLostInPostgresAsync()
    {
        await _pouring!.CloseAsync();
        await _pouring.AcknowledgedAsync();
        Assert.Empty((await Account.CompareStoredAsync(Taproom, _ledger, [])).Faults);
    }

    /// <summary>Gives Postgres a statement.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(Taproom.Database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await (_pouring?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_entries?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Taproom.DisposeAsync();
    }

    private async Task StartAsync(bool onlyReceipts)
    {
        await Taproom.StartAsync(isWhole: false);
        await Taproom.RegisterAsync(Taps);
        _entries = await AcceptedEntries.StartAsync(Taproom, _ledger);
        var told = Taproom.BridgeTransports(MqttProtocolVersion.V500, receipts: true);
        var mqtt = Taproom.BridgeTransports(MqttProtocolVersion.V500);
        ITapTransport[] http = [Taproom.ApiTransport()];
        _pouring = new PouringTaps(
            [
                .. Taps.Select(id =>
                    onlyReceipts || id >= FirstWithReceipts
                        ? new JournaledTap(id, told, waitsForReceipts: true, _ledger)
                        : new JournaledTap(id, id % 2 == 0 ? mqtt : http, waitsForReceipts: false, _ledger)
                ),
            ],
            _ledger,
            perSecond: 120
        );
        await Entries.SomeAsync();
    }

    private async Task<long> StoredAsync()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(Taproom.Database);
        await using var command = source.CreateCommand("SELECT count(*) FROM pours");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
