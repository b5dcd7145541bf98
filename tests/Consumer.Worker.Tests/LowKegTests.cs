using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class LowKegTests(Servers servers)
{
    [Fact]
    public async Task A_keg_that_runs_low_is_told_in_the_stream_once_and_stored_once()
    {
        await using var worker = await WithKegAsync();
        await worker.AppendAsync("""{"volume":800}""");
        await worker.TurnAsync();
        Assert.Empty(await EventsInStreamAsync(worker));

        await worker.AppendAsync("""{"volume":100}""");
        await worker.TurnAsync();
        var told = Assert.Single(await EventsInStreamAsync(worker));
        var stored = Assert.Single(await EventsAsync(worker));
        Assert.Equal((stored.Id, stored.CreatedAt.ToUnixTimeMilliseconds()), (told.Id, told.ReceivedAt.ToUnixTimeMilliseconds()));
        Assert.True(ActivityEvent.TryParse(told.Body, out var activity, out var refusal, needsEmail: false), refusal?.Reason);
        Assert.Equal(new ActivityEvent("keg", "taproom", Email: null, "Keg Pils is low.", stored.Data), activity);

        // The worker reads what it has told, and more is poured.
        await worker.AppendAsync("""{"volume":100}""");
        await worker.TurnAsync();
        Assert.Equal(0, await worker.PendingAsync());
        Assert.Single(await EventsInStreamAsync(worker));
        Assert.Single(await EventsAsync(worker));
        Assert.Empty(await worker.DeadLettersAsync());
    }

    [Fact]
    public async Task A_low_keg_that_cannot_be_told_holds_up_no_pour()
    {
        await using var worker = await WithKegAsync();
        await worker.AppendAsync("""{"volume":900}""");
        worker.Settings["Ingest:HighWaterMark"] = "1";
        await using var full = worker.Sibling();

        await full.TurnAsync();

        Assert.Single(await full.PoursAsync());
        Assert.Single(await EventsAsync(full));
        Assert.Empty(await EventsInStreamAsync(full));
        Assert.Equal(0, await full.PendingAsync());
    }

    private async Task<Worker> WithKegAsync()
    {
        var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        await worker.ExecuteSqlAsync(
            """
            INSERT INTO taps (id) VALUES (7);
            INSERT INTO kegs (id, beverage, size_ml, level_ml, tap_id) VALUES (gen_random_uuid(), 'Pils', 1000, 1000, 7)
            """
        );
        return worker;
    }

    private static Task<List<StoredEvent>> EventsAsync(Worker worker) => worker.QueryAsync(db => db.Events.ToListAsync());

    private static async Task<IReadOnlyList<IngestEntry>> EventsInStreamAsync(Worker worker)
    {
        var tail = worker.Get<StreamTail>();
        var (end, events) = (await tail.EndAsync(), new List<IngestEntry>());
        await foreach (var delivery in tail.FollowAsync("0-0", CancellationToken.None))
        {
            if (delivery.Entry!.Kind == EntryKinds.Event)
            {
                events.Add(delivery.Entry);
            }

            if (delivery.Position == end)
            {
                break;
            }
        }

        return events;
    }
}
