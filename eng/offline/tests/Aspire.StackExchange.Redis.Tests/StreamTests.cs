using StackExchange.Redis;

namespace Aspire.StackExchange.Redis.Tests;

public sealed class StreamTests(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private readonly RedisKey _key = $"stream:{Guid.NewGuid():N}";
    private ConnectionMultiplexer _multiplexer = null!;

    private IDatabase Database => _multiplexer.GetDatabase();

    public async Task InitializeAsync() => _multiplexer = await server.ConnectAsync();

    public async Task DisposeAsync() => await _multiplexer.CloseAsync();

    [Fact]
    public async Task An_added_entry_is_read_back_with_its_fields()
    {
        var id = await Database.StreamAddAsync(_key, [new("tap", 7), new("body", "{\"volume\":473}")]);
        await Database.StreamAddAsync(_key, "tap", "8", messageId: "99999999999999-0");

        var entries = await Database.StreamReadAsync(_key, "0-0", count: 10);

        Assert.Equal(2, entries.Length);
        Assert.Equal(id, entries[0].Id);
        Assert.Equal(7, (int)entries[0]["tap"]);
        Assert.Equal("{\"volume\":473}", (string?)entries[0]["body"]);
        Assert.True(entries[0]["absent"].IsNull);
        Assert.False(entries[0].IsNull);
        Assert.Equal(2, await Database.StreamLengthAsync(_key));
    }

    [Fact]
    public async Task A_read_without_entries_is_empty_and_new_messages_are_refused_as_a_position()
    {
        Assert.Empty(await Database.StreamReadAsync(_key, StreamPosition.Beginning));
        Assert.Empty(await Database.StreamReadAsync([new StreamPosition(_key, "0-0")]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Database.StreamReadAsync(_key, StreamPosition.NewMessages));
    }

    [Fact]
    public async Task A_range_runs_both_ways_and_is_bounded()
    {
        var ids = await AddAsync(5);

        var newest = await Database.StreamRangeAsync(_key, count: 2, messageOrder: Order.Descending);
        var between = await Database.StreamRangeAsync(_key, ids[1], ids[3]);

        Assert.Equal([ids[4], ids[3]], newest.Select(entry => entry.Id));
        Assert.Equal([ids[1], ids[2], ids[3]], between.Select(entry => entry.Id));
    }

    [Fact]
    public async Task A_group_delivers_once_and_forgets_what_is_acknowledged()
    {
        Assert.True(await Database.StreamCreateConsumerGroupAsync(_key, "store", StreamPosition.Beginning, createStream: true));
        var ids = await AddAsync(3);

        var first = await Database.StreamReadGroupAsync(_key, "store", "a", StreamPosition.NewMessages, count: 2);
        var second = await Database.StreamReadGroupAsync(_key, "store", "b");
        Assert.Equal([ids[0], ids[1]], first.Select(entry => entry.Id));
        Assert.Equal([ids[2]], second.Select(entry => entry.Id));

        Assert.Equal(1, await Database.StreamAcknowledgeAsync(_key, "store", ids[0]));
        Assert.Equal(1, await Database.StreamAcknowledgeAsync(_key, "store", [ids[0], ids[2]]));
        var own = await Database.StreamReadGroupAsync(_key, "store", "a", "0-0");
        Assert.Equal([ids[1]], own.Select(entry => entry.Id));

        var pending = await Database.StreamPendingAsync(_key, "store");
        Assert.Equal(1, pending.PendingMessageCount);
        Assert.Equal(ids[1], pending.LowestPendingMessageId);
        Assert.Equal("a", (string?)Assert.Single(pending.Consumers).Name);
    }

    [Fact]
    public async Task An_empty_pending_list_has_no_consumers()
    {
        await Database.StreamCreateConsumerGroupAsync(_key, "store", StreamPosition.NewMessages);

        var pending = await Database.StreamPendingAsync(_key, "store");

        Assert.Equal(0, pending.PendingMessageCount);
        Assert.Empty(pending.Consumers);
        Assert.Empty(await Database.StreamPendingMessagesAsync(_key, "store", 10, RedisValue.Null));
    }

    [Fact]
    public async Task A_second_group_of_the_same_name_is_refused_as_busy()
    {
        await Database.StreamCreateConsumerGroupAsync(_key, "store");

        var refused = await Assert.ThrowsAsync<RedisServerException>(() => Database.StreamCreateConsumerGroupAsync(_key, "store"));

        Assert.StartsWith("BUSYGROUP", refused.Message, StringComparison.Ordinal);
        Assert.True(await Database.StreamDeleteConsumerGroupAsync(_key, "store"));
        Assert.False(await Database.StreamDeleteConsumerGroupAsync(_key, "store"));
    }

    [Fact]
    public async Task A_read_of_a_group_that_is_not_there_names_it()
    {
        var refused = await Assert.ThrowsAsync<RedisServerException>(() => Database.StreamReadGroupAsync(_key, "none", "a"));

        Assert.StartsWith("NOGROUP", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claims_take_over_entries_and_count_deliveries()
    {
        var ids = await PendingAsync(3);

        var claimed = await Database.StreamClaimAsync(_key, "store", "b", minIdleTimeInMs: 0, [ids[0]]);
        Assert.Equal([ids[0]], claimed.Select(entry => entry.Id));

        var taken = await Database.StreamAutoClaimAsync(_key, "store", "c", minIdleTimeInMs: 0, "0-0", count: 2);
        Assert.Equal([ids[0], ids[1]], taken.ClaimedEntries.Select(entry => entry.Id));
        Assert.Equal(ids[2], taken.NextStartId);

        var messages = await Database.StreamPendingMessagesAsync(_key, "store", 10, "c", minIdleTimeInMs: 0);
        Assert.Equal([3, 2], messages.Select(message => message.DeliveryCount));
        Assert.All(messages, message => Assert.Equal("c", (string?)message.ConsumerName));
    }

    [Fact]
    public async Task A_claim_tells_which_pending_entries_were_deleted()
    {
        var ids = await PendingAsync(2);
        await Database.StreamDeleteAsync(_key, [ids[0]]);

        var deleted = Assert.Single(await Database.StreamReadGroupAsync(_key, "store", "a", "0-0", count: 1));
        Assert.Empty(deleted.Values);

        var taken = await Database.StreamAutoClaimAsync(_key, "store", "b", minIdleTimeInMs: 0, "0-0");
        Assert.Equal([ids[1]], taken.ClaimedEntries.Select(entry => entry.Id));
        Assert.Equal([ids[0]], taken.DeletedIds);
        Assert.Equal("0-0", (string?)taken.NextStartId);
    }

    [Fact]
    public async Task Trimming_by_id_removes_only_older_entries()
    {
        var ids = await AddAsync(4);

        Assert.Equal(2, await Database.StreamTrimByMinIdAsync(_key, ids[2]));
        Assert.Equal(1, await Database.StreamTrimAsync(_key, 1));

        Assert.Equal([ids[3]], (await Database.StreamRangeAsync(_key)).Select(entry => entry.Id));
        await Assert.ThrowsAsync<NotSupportedException>(() => Database.StreamTrimByMinIdAsync(_key, ids[3], mode: StreamTrimMode.Acknowledged));
    }

    [Fact]
    public async Task The_stream_its_groups_and_consumers_describe_themselves()
    {
        var ids = await PendingAsync(2);
        await Database.StreamAddAsync(_key, "n", "late");

        var stream = await Database.StreamInfoAsync(_key);
        var group = Assert.Single(await Database.StreamGroupInfoAsync(_key));
        var consumer = Assert.Single(await Database.StreamConsumerInfoAsync(_key, "store"));

        Assert.Equal((3, 1, ids[0]), (stream.Length, stream.ConsumerGroupCount, stream.FirstEntry.Id));
        Assert.Equal(("store", 1, 2, 1L, 2L), (group.Name, group.ConsumerCount, group.PendingMessageCount, group.Lag, group.EntriesRead));
        Assert.Equal((string?)ids[1], group.LastDeliveredId);
        Assert.Equal(("a", 2), (consumer.Name, consumer.PendingMessageCount));
        Assert.Equal(2, await Database.StreamDeleteConsumerAsync(_key, "store", "a"));
    }

    [Fact]
    public async Task A_transaction_and_a_batch_carry_stream_calls()
    {
        var transaction = Database.CreateTransaction();
        var added = transaction.StreamAddAsync(_key, "n", 1);
        var length = transaction.StreamLengthAsync(_key);
        Assert.True(await transaction.ExecuteAsync());
        Assert.False((await added).IsNull);
        Assert.Equal(1, await length);

        var batch = Database.CreateBatch();
        var batched = batch.StreamAddAsync(_key, "n", 2);
        batch.Execute();
        Assert.False((await batched).IsNull);
    }

    [Fact]
    public async Task A_subscription_hands_out_what_is_published()
    {
        var channel = RedisChannel.Literal($"receipts:{Guid.NewGuid():N}");
        var queue = await _multiplexer.GetSubscriber().SubscribeAsync(channel);
        await Database.PublishAsync(channel, "one");

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var message = await queue.ReadAsync(deadline.Token);

        Assert.Equal("one", (string?)message.Message);
        await queue.UnsubscribeAsync();
        await queue.Completion.WaitAsync(deadline.Token);
        Assert.True(Assert.Single(_multiplexer.GetServers()).IsConnected);
    }

    private async Task<RedisValue[]> AddAsync(int count)
    {
        var ids = new RedisValue[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = await Database.StreamAddAsync(_key, "n", i);
        }

        return ids;
    }

    private async Task<RedisValue[]> PendingAsync(int count)
    {
        await Database.StreamCreateConsumerGroupAsync(_key, "store", StreamPosition.Beginning);
        var ids = await AddAsync(count);
        await Database.StreamReadGroupAsync(_key, "store", "a");
        return ids;
    }
}
