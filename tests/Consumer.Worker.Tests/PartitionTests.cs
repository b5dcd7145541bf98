using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class PartitionTests(Servers servers)
{
    [Fact]
    public async Task Workers_share_the_partitions_evenly_and_the_last_one_has_them_all()
    {
        await using var first = await Worker.CreateAsync(servers);
        await using var second = first.Sibling();
        await using var third = first.Sibling();
        await first.StartAsync();
        await Eventually.TrueAsync(() => Task.FromResult(Held(first) == 4), "one worker has all");
        await second.StartAsync();
        await Eventually.TrueAsync(() => Task.FromResult((Held(first), Held(second)) == (2, 2)), "two workers have two each");
        await third.StartAsync();
        await Eventually.TrueAsync(
            () => Task.FromResult(new[] { first, second, third }.Select(Held).Order().SequenceEqual([1, 1, 2])),
            "three workers have one or two each"
        );

        await first.StopAsync();
        await third.StopAsync();
        await Eventually.TrueAsync(() => Task.FromResult(Held(second) == 4), "who is left has all");
        await second.StopAsync();
    }

    [Fact]
    public async Task A_worker_that_died_before_the_clock_of_Redis_was_set_back_holds_nothing_for_long()
    {
        await using var worker = await Worker.CreateAsync(servers);
        var anHourAhead = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds();
        await worker.Redis.SortedSetAddAsync(worker.Keys.WorkersKey, "dead", anHourAhead);
        await worker.Redis.HashSetAsync(worker.Keys.LeasesKey, [new(0, "dead"), new(3, "dead")]);

        await worker.StartAsync();

        await Eventually.TrueAsync(() => Task.FromResult(Held(worker) == 4), "who lives has all");
        Assert.DoesNotContain("dead", (await worker.Redis.SortedSetRangeByRankAsync(worker.Keys.WorkersKey)).Select(name => $"{name}"));
        await worker.StopAsync();
    }

    [Fact]
    public async Task What_a_tap_sends_is_listed_in_that_order_while_workers_come_and_go()
    {
        await using var first = await Worker.CreateAsync(servers, ("Store:BatchSize", "7"));
        await using var second = first.Sibling();
        await first.StartAsync();
        var sent = new List<(int Tap, Guid Id)>();
        for (var n = 0; n < 600; n++)
        {
            var tap = 1 + (n % 6);
            sent.Add((tap, (await first.AppendAsync("""{"volume":500}""", $"{tap}")).Id));
            await (
                n switch
                {
                    200 => second.StartAsync(),
                    400 => first.StopAsync(),
                    _ => Task.CompletedTask,
                }
            );
        }

        await Eventually.TrueAsync(async () => (await second.PoursAsync()).Count == sent.Count, "all are stored");

        var listed = (await second.PoursAsync()).ToLookup(pour => pour.TapId, pour => pour.Id);
        Assert.All(sent.ToLookup(pour => pour.Tap, pour => pour.Id), tap => Assert.Equal(tap, listed[tap.Key]));
        await second.StopAsync();
    }

    [Fact]
    public async Task A_worker_that_has_lost_its_partition_reads_nothing_more_of_it()
    {
        await using var stopped = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        await stopped.TurnAsync();
        await using var next = stopped.Sibling();
        await stopped.Get<PartitionLeases>().LeaveAsync();
        await next.TurnAsync();
        await stopped.AppendAsync("""{"volume":500}""");

        Assert.Null(await stopped.Get<ConsumerGroups>().Of(0).ReadNewAsync(10));
        Assert.Null(await stopped.Get<ConsumerGroups>().Of(0).ClaimPendingAsync("0-0", 10));
        Assert.Equal(1, await next.TurnAsync());
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(2, 4)]
    [InlineData(64, 3)]
    [InlineData(null, 4)]
    public async Task After_a_change_of_the_number_of_partitions_all_that_waits_is_stored_once(int? before, int after)
    {
        await using var old = await Worker.CreateAsync(servers, ("Ingest:Partitions", $"{before ?? 4}"));
        var ids = new HashSet<Guid>();
        for (var n = 0; n < 200; n++)
        {
            ids.Add((await old.AppendAsync("""{"volume":500}""", $"{1 + n}")).Id);
        }

        if (before is null)
        {
            // As a Taproom with one stream had them.
            foreach (var (n, entry) in (await old.EntriesAsync()).Index())
            {
                await old.Redis.StreamAddAsync($"{old.Keys.Prefix}:ingest", entry.Values, messageId: $"{1 + n}-0");
            }

            await old.Redis.KeyDeleteAsync([.. old.Keys.StreamKeys()]);
        }

        // Some were delivered to a worker that is gone.
        await old.Redis.StreamCreateConsumerGroupAsync(Former(), ConsumerGroups.Store, StreamPosition.Beginning);
        Assert.NotEmpty(await old.Redis.StreamReadGroupAsync(Former(), ConsumerGroups.Store, "gone", StreamPosition.NewMessages, count: 2));

        old.Settings["Ingest:Partitions"] = $"{after}";
        await using var worker = old.Sibling();
        await worker.StartAsync();

        await Eventually.TrueAsync(async () => (await worker.PoursAsync()).Count == ids.Count, "all are stored");
        Assert.Equal(ids, (await worker.PoursAsync()).Select(pour => pour.Id).ToHashSet());
        Assert.Equal(ids.Count, await worker.QueryAsync(db => db.Taps.SumAsync(tap => tap.Pours)));
        RedisKey[] left = [.. old.Keys.StreamKeys().Except(worker.Keys.StreamKeys()), $"{old.Keys.Prefix}:ingest"];
        await Eventually.TrueAsync(async () => await worker.Redis.KeyExistsAsync(left) == 0, "former streams are gone");
        await worker.StopAsync();

        RedisKey Former() => before is null ? $"{old.Keys.Prefix}:ingest" : old.Keys.StreamKeys()[before.Value - 1];
    }

    private static int Held(Worker worker) => worker.Get<PartitionLeases>().Held.Count;
}
