using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Taproom.Tests;

[Collection(nameof(RedisCollection))]
public sealed class IngestStreamTests(RedisServer redis)
{
    [Fact]
    public async Task Entries_are_in_the_stream_in_the_order_in_which_they_were_enqueued()
    {
        await using var stream = new Stream(redis);
        // With the first one much is compiled that all of them would wait for.
        var first = Entry();
        await Append(stream, first);
        var entries = Enumerable.Range(0, 5_000).Select(n => Entry(tap: n % 7)).ToList();

        await Task.WhenAll(entries.Select(entry => Append(stream, entry)));

        Assert.Equal(entries.Prepend(first).Select(entry => entry.Id), await IdsAsync(stream));
    }

    [Fact]
    public async Task Entries_that_are_appended_once_keep_their_place_among_the_others()
    {
        await using var stream = new Stream(redis);
        var entries = Enumerable.Range(0, 500).Select(n => Entry(tap: n % 7)).ToList();

        await Task.WhenAll(entries.Select((entry, n) => n % 5 == 0 ? AppendOnce(stream, entry) : Append(stream, entry)));

        Assert.Equal(entries.Select(entry => entry.Id), await IdsAsync(stream));
    }

    [Fact]
    public async Task An_id_that_comes_twice_at_one_moment_is_appended_once()
    {
        await using var stream = new Stream(redis);
        var (first, second, third) = (Entry(), Entry(), Entry());

        var appends = await Task.WhenAll(AppendOnce(stream, first, second), AppendOnce(stream, second, third, third), AppendOnce(stream, first));

        Assert.Equal<bool[]>(
            [
                [true, true],
                [false, true, false],
                [false],
            ],
            appends
        );
        Assert.Equal([first.Id, second.Id, third.Id], await IdsAsync(stream));
        var found = await stream.Get<IngestStream>().FindRecentAsync(third.Kind, third.Id, CancellationToken.None);
        Assert.Equal(third.Id, found?.Id);
    }

    [Fact]
    public async Task An_entry_that_cannot_be_appended_fails_alone()
    {
        await using var stream = new Stream(redis);
        var entries = Enumerable.Range(0, 100).Select(_ => Entry()).ToList();
        var bad = entries[50] with { Kind = null! };

        var good = Task.WhenAll(entries[..50].Select(entry => Append(stream, entry)));
        var refused = Append(stream, bad);
        var more = Task.WhenAll(entries[51..].Select(entry => Append(stream, entry)));

        await Assert.ThrowsAnyAsync<Exception>(() => refused);
        await Task.WhenAll(good, more);
        Assert.Equal(entries.Select(entry => entry.Id).Except([bad.Id]), await IdsAsync(stream));
    }

    [Fact]
    public async Task Entries_that_Redis_refuses_fail_with_its_own_words()
    {
        await using var stream = new Stream(redis);
        await stream.Redis.StringSetAsync(stream.Keys.StreamKeys()[0], "no stream");

        var appends = Enumerable.Range(0, 10).Select(_ => Append(stream, Entry())).Append(AppendOnce(stream, Entry())).ToList();

        foreach (var append in appends)
        {
            Assert.Contains("WRONGTYPE", (await Assert.ThrowsAsync<RedisServerException>(() => append)).Message);
        }
    }

    [Fact]
    public async Task A_full_stream_takes_nothing_and_says_so_to_each_caller()
    {
        await using var stream = new Stream(redis, ("Ingest:HighWaterMark", "100"));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Append(stream, Entry())));
        // Whether there is room is asked for again after a while.
        await Eventually.TrueAsync(async () => await Record.ExceptionAsync(() => Append(stream, Entry())) is StreamFullException, "it is full");
        var before = await stream.Redis.StreamLengthAsync(stream.Keys.StreamKeys()[0]);

        var appends = Enumerable.Range(0, 50).Select(n => n % 2 == 0 ? Append(stream, Entry()) : AppendOnce(stream, Entry())).ToList();

        foreach (var append in appends)
        {
            await Assert.ThrowsAsync<StreamFullException>(() => append);
        }

        Assert.Equal(before, await stream.Redis.StreamLengthAsync(stream.Keys.StreamKeys()[0]));
    }

    [Fact]
    public async Task Entries_that_are_appended_together_are_all_there_in_their_order_or_none_of_them()
    {
        await using var stream = new Stream(redis);
        var door = stream.Get<IngestStream>();
        var (refused, taken) = (Enumerable.Range(0, 100).Select(n => Entry(tap: n % 7)).ToList(), Entry());
        await stream.Redis.ExecuteAsync("CONFIG", "SET", "maxmemory", 1);
        try
        {
            Assert.StartsWith(
                "OOM",
                (await Assert.ThrowsAsync<RedisServerException>(() => door.AppendAsync(refused, CancellationToken.None))).Message
            );
        }
        finally
        {
            await stream.Redis.ExecuteAsync("CONFIG", "SET", "maxmemory", 0);
        }

        await Eventually.TrueAsync(async () => await Record.ExceptionAsync(() => Append(stream, taken)) is null, "there is room");
        await door.AppendAsync(refused, CancellationToken.None);
        Assert.Equal(refused.Prepend(taken).Select(entry => entry.Id), await IdsAsync(stream));
    }

    [Fact]
    public async Task A_Redis_that_hangs_is_waited_for_no_longer_than_the_deadline_and_works_again_afterwards()
    {
        await using var stream = new Stream(redis);
        await Append(stream, Entry());
        await redis.PauseAsync();
        List<Task> appends;
        try
        {
            appends = [.. Enumerable.Range(0, 3_000).Select(_ => Append(stream, Entry()))];
            foreach (var append in appends)
            {
                await Assert.ThrowsAnyAsync<TimeoutException>(() => append);
            }
        }
        finally
        {
            await redis.ResumeAsync();
        }

        var last = Entry();
        await Eventually.TrueAsync(async () => await Record.ExceptionAsync(() => Append(stream, last)) is null, "Redis takes entries");
        Assert.Contains(last.Id, await IdsAsync(stream));
    }

    [Fact]
    public async Task A_caller_that_goes_away_from_a_Redis_that_hangs_is_let_go_at_once()
    {
        await using var stream = new Stream(redis);
        await Append(stream, Entry());
        using var connection = new CancellationTokenSource();
        await redis.PauseAsync();
        try
        {
            var (gone, other) = (stream.Get<IngestStream>().AppendAsync(Entry(), connection.Token), Append(stream, Entry()));
            await connection.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
            Assert.False(other.IsCompleted);
            await Assert.ThrowsAnyAsync<TimeoutException>(() => other);
        }
        finally
        {
            await redis.ResumeAsync();
        }
    }

    [Fact]
    public async Task Without_Redis_every_caller_is_told_and_afterwards_entries_are_taken_again()
    {
        await using var stream = new Stream(redis);
        await AppendOnce(stream, Entry());
        await redis.StopAsync();
        try
        {
            await Eventually.TrueAsync(
                () => Task.FromResult(!stream.Get<IConnectionMultiplexer>().IsConnected),
                "the client knows that Redis is gone"
            );
            var appends = Enumerable.Range(0, 100).Select(n => n % 2 == 0 ? Append(stream, Entry()) : AppendOnce(stream, Entry())).ToList();
            foreach (var append in appends)
            {
                await Assert.ThrowsAnyAsync<RedisException>(() => append);
            }
        }
        finally
        {
            await redis.StartAsync();
        }

        var (one, once) = (Entry(), Entry());
        await Eventually.TrueAsync(async () => await Record.ExceptionAsync(() => Append(stream, one)) is null, "Redis takes entries");
        // The new Redis does not know the script.
        await AppendOnce(stream, once);
        Assert.Contains(once.Id, await IdsAsync(stream));
    }

    private static Task Append(Stream stream, IngestEntry entry) => stream.Get<IngestStream>().AppendAsync(entry, CancellationToken.None);

    private static Task<bool[]> AppendOnce(Stream stream, params IReadOnlyList<IngestEntry> entries) =>
        stream.Get<IngestStream>().AppendOnceAsync(entries, CancellationToken.None);

    private static IngestEntry Entry(int tap = 7) =>
        new()
        {
            Id = Guid.CreateVersion7(),
            Kind = EntryKinds.Pour,
            Tap = $"{tap}",
            ReceivedAt = DateTimeOffset.UtcNow,
            Body = """{"volume":500}"""u8.ToArray(),
        };

    private static async Task<IEnumerable<Guid>> IdsAsync(Stream stream) =>
        (await stream.Redis.StreamRangeAsync(stream.Keys.StreamKeys()[0])).Select(entry => Guid.Parse((string)entry["id"]!));
}
