using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class LowKegTests(Servers servers)
{
    [Fact]
    public async Task A_keg_that_runs_low_is_told_once_and_stored_once()
    {
        await using var worker = await WithKegAsync();
        await worker.AppendAsync("""{"volume":800}""");
        await PourAndTellAsync(worker);
        Assert.Empty(await EventsAsync(worker));

        await worker.AppendAsync("""{"volume":100}""");
        await PourAndTellAsync(worker);
        var keg = await worker.QueryAsync(db => db.Kegs.SingleAsync());
        var low = Assert.Single(await EventsAsync(worker));
        Assert.Equal(("keg", "taproom", null, "Keg Pils is low."), (low.Component, low.Environment, low.Email, low.Message));
        Assert.Equal(keg.LowAt!.Value.ToUnixTimeMilliseconds(), low.CreatedAt.ToUnixTimeMilliseconds());
        Assert.Equal($$"""{"kegId":"{{keg.Id}}","tapId":7,"beverage":"Pils","levelMl":100.000,"sizeMl":1000.000}""", low.Data);

        await worker.AppendAsync("""{"volume":100}""");
        await PourAndTellAsync(worker);
        Assert.Single(await EventsAsync(worker));
        Assert.Equal(0, await worker.PendingAsync());
        Assert.Empty(await worker.DeadLettersAsync());
    }

    [Fact]
    public async Task A_worker_that_stops_before_it_has_told_that_a_keg_is_low_leaves_that_to_the_next()
    {
        await using var stopped = await WithKegAsync();
        await stopped.AppendAsync("""{"volume":900}""");
        await stopped.TurnAsync();
        await stopped.Get<PartitionLeases>().LeaveAsync();

        await using var next = stopped.Sibling();
        await PourAndTellAsync(next);
        await PourAndTellAsync(stopped);

        Assert.Single(await EventsAsync(next));
    }

    [Fact]
    public async Task A_low_keg_that_cannot_be_told_holds_up_no_pour_and_is_told_later()
    {
        await using var worker = await WithKegAsync();
        await worker.AppendAsync("""{"volume":900}""");
        worker.Settings["Ingest:HighWaterMark"] = "1";
        await using var full = worker.Sibling();
        await worker.Get<PartitionLeases>().LeaveAsync();

        await full.TurnAsync();
        await worker.AppendAsync("""{"volume":100}""");
        await Assert.ThrowsAsync<StreamFullException>(() => full.Get<Announcements>().AnnounceAsync(CancellationToken.None));
        Assert.Single(await full.PoursAsync());
        await full.Get<PartitionLeases>().LeaveAsync();

        await PourAndTellAsync(worker);
        Assert.Single(await EventsAsync(worker));
    }

    /// <summary>Stores what waits, tells what is due, and stores what was told.</summary>
    private static async Task PourAndTellAsync(Worker worker)
    {
        await worker.TurnAsync();
        await worker.Get<Announcements>().AnnounceAsync(CancellationToken.None);
        await worker.TurnAsync();
    }

    private async Task<Worker> WithKegAsync()
    {
        var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        await worker.TapKegAsync(tapId: 7, sizeMl: 1000);
        return worker;
    }

    private static Task<List<StoredEvent>> EventsAsync(Worker worker) => worker.QueryAsync(db => db.Events.ToListAsync());
}
