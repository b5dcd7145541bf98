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
    public async Task What_comes_alone_is_stored_at_once_and_what_comes_soon_after_it_is_stored_together()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Store:BatchInterval", "00:00:05"));
        await worker.StartAsync();
        await worker.AppendAsync("""{"volume":500}""");
        await Eventually.TrueAsync(async () => (await worker.PoursAsync()).Count == 1, "the first is stored");
        for (var n = 0; n < 20; n++)
        {
            await worker.AppendAsync("""{"volume":500}""");
        }

        await Eventually.TrueAsync(async () => (await worker.PoursAsync()).Count == 21, "all are stored");

        var transactions = (await worker.PoursAsync()).ConvertAll(pour => pour.Tx);
        Assert.Single(transactions.Skip(1).Distinct());
        Assert.NotEqual(transactions[0], transactions[1]);
        await worker.StopAsync();
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

        Assert.Null(await stopped.Get<ConsumerGroups>().Of(0).ReadAsync("0-0", 10));
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

    [Fact]
    public async Task What_a_worker_of_before_has_read_and_not_acknowledged_is_stored_and_accounted_for()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        await worker.Get<ConsumerGroups>().Of(0).CreateAsync();
        for (var n = 0; n < 4; n++)
        {
            await worker.AppendAsync("""{"volume":500}""");
        }

        // It had a list of pending entries, and the second of three was done.
        var read = await worker.Redis.StreamReadGroupAsync(worker.Keys.StreamKeys()[0], ConsumerGroups.Store, "holder", ">", count: 3);
        await worker.Redis.StreamAcknowledgeAsync(worker.Keys.StreamKeys()[0], ConsumerGroups.Store, read[1].Id);
        await worker.Redis.HashIncrementAsync(worker.Keys.AccountKey, "stored");

        Assert.Equal(4, await worker.TurnAsync());

        Assert.Equal(4, (await worker.PoursAsync()).Count);
        var line = await worker.Get<IngestLine>().ReadAsync();
        Assert.Equal((5, 5, 0), (line.Accepted, line.Stored + line.Repeated, line.Waiting));
        Assert.Equal(0, Assert.Single(await worker.Redis.StreamGroupInfoAsync(worker.Keys.StreamKeys()[0])).ConsumerCount);
    }

    [Fact]
    public async Task A_worker_reads_on_when_Redis_was_set_back_and_begins_with_lower_positions_again()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        await worker.StartAsync();
        await worker.AppendAsync("""{"volume":500}""");
        await Eventually.TrueAsync(async () => (await worker.PoursAsync()).Count == 1, "the first is stored");

        var stream = worker.Keys.StreamKeys()[0];
        var entry = Assert.Single(await worker.Redis.StreamRangeAsync(stream));
        await worker.Redis.KeyDeleteAsync(stream);
        await worker.Redis.StreamAddAsync(
            stream,
            [.. entry.Values.Select(field => field.Name == "id" ? new NameValueEntry("id", $"{Guid.NewGuid()}") : field)],
            messageId: "1-0"
        );

        await Eventually.TrueAsync(async () => (await worker.PoursAsync()).Count == 2, "the second is stored");
        await worker.StopAsync();
    }

    [Fact]
    public async Task Of_two_workers_that_both_have_stored_a_batch_each_entry_counts_once()
    {
        await using var slow = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        await slow.TurnAsync();
        for (var n = 0; n < 5; n++)
        {
            await slow.AppendAsync("""{"volume":500}""");
        }

        var batch = await slow.ReadAsync(count: 3);
        await using var next = slow.Sibling();
        await slow.Get<PartitionLeases>().LeaveAsync();
        await next.TurnAsync();
        await slow.Get<ConsumerGroups>().Of(0).AcknowledgeAsync(batch);
        await slow.AppendAsync("""{"volume":500}""");
        var all = new Batch("0-0", (await next.Get<ConsumerGroups>().Of(0).ReadAsync("0-0", 10))!, DateTimeOffset.UtcNow);
        await slow.Get<ConsumerGroups>().Of(0).AcknowledgeAsync(all, repeated: 5);

        var line = await next.Get<IngestLine>().ReadAsync();
        Assert.Equal((6, 5, 1, 0), (line.Accepted, line.Stored, line.Repeated, line.Waiting));
        var ahead = all with { After = all.UpTo, Entries = [new Delivery(0, "9999999999999-0", null)] };
        await next.Redis.ExecuteAsync("XGROUP", "SETID", next.Keys.StreamKeys()[0], ConsumerGroups.Store, "0-0");
        var refusal = await Assert.ThrowsAsync<RedisServerException>(() => next.Get<ConsumerGroups>().Of(0).AcknowledgeAsync(ahead));
        Assert.StartsWith("BEHIND", refusal.Message, StringComparison.Ordinal);
    }

    private static int Held(Worker worker) => worker.Get<PartitionLeases>().Held.Count;
}
