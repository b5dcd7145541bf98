using System.Diagnostics;
using Consumer.Worker;
using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class StreamTrimmerTests(Servers servers)
{
    [Fact]
    public async Task Only_what_every_group_has_acknowledged_is_trimmed()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"), ("Ingest:Retention", "00:00:01"));
        var trimmer = worker.Get<StreamTrimmer>();
        await worker.TurnAsync();
        await worker.Get<ConsumerGroups>().Of(0, ConsumerGroups.Archive).CreateAsync();
        await worker.AppendAsync("""{"volume":500}""");
        await worker.AppendAsync("""{"volume":500}""");
        await worker.TurnAsync();
        Assert.Equal(2, await LengthAsync(worker));

        // The other group has read one entry and acknowledged none.
        var first = await worker.ReadAsync(ConsumerGroups.Archive, count: 1);
        await TrimsAfterRetentionAsync(trimmer, 0);

        await worker.Get<ConsumerGroups>().Of(0, ConsumerGroups.Archive).AcknowledgeAsync(first);
        var second = await worker.ReadAsync(ConsumerGroups.Archive, count: 1);
        await worker.Get<ConsumerGroups>().Of(0, ConsumerGroups.Archive).AcknowledgeAsync(second);
        await TrimsAfterRetentionAsync(trimmer, 1);
        var left = await worker.Redis.StreamRangeAsync(worker.Keys.StreamKeys()[0]);
        Assert.Equal(second.UpTo, Assert.Single(left).Id);
    }

    [Fact]
    public async Task An_entry_of_another_program_with_an_id_of_the_future_stops_neither_trimming_nor_taking_in()
    {
        await using var worker = await Worker.CreateAsync(
            servers,
            ("Ingest:Partitions", "1"),
            ("Ingest:Retention", "00:00:01"),
            ("Ingest:HighWaterMark", "5")
        );
        await worker.TurnAsync();
        await worker.Redis.StreamAddAsync(worker.Keys.StreamKeys()[0], "foreign", "1", messageId: "4102444800000-0");
        for (var n = 0; n < 10; n++)
        {
            await worker.AppendAsync("""{"volume":500}""");
            await worker.TurnAsync();
        }

        await TrimsAfterRetentionAsync(worker.Get<StreamTrimmer>(), 10);
        Assert.Equal(10, (await worker.PoursAsync()).Count);
        Assert.Single(await worker.DeadLettersAsync());
    }

    [Fact]
    public async Task Before_the_first_entry_of_all_there_is_nothing_to_trim_and_no_lag()
    {
        await using var worker = await Worker.CreateAsync(servers);

        Assert.Equal(0, await worker.Get<StreamTrimmer>().TrimAsync(0));
        Assert.Equal(0, await worker.Get<ConsumerGroups>().Of(0).LagAsync());
    }

    [Fact]
    public async Task What_live_readers_may_still_want_is_kept()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"), ("Ingest:Retention", "01:00:00"));
        await worker.AppendAsync("""{"volume":500}""");
        await worker.TurnAsync();

        Assert.Equal(0, await worker.Get<StreamTrimmer>().TrimAsync(0));
        Assert.Equal(1, await LengthAsync(worker));
    }

    private static Task<long> LengthAsync(Worker worker) => worker.Redis.StreamLengthAsync(worker.Keys.StreamKeys()[0]);

    /// <summary>Asserts that so many entries are trimmed of those that were acknowledged before now.</summary>
    private static async Task TrimsAfterRetentionAsync(StreamTrimmer trimmer, long expected)
    {
        var (watch, trimmed) = (Stopwatch.StartNew(), 0L);
        await Eventually.TrueAsync(
            async () =>
            {
                trimmed += await trimmer.TrimAsync(0);
                // Each as it gets old enough.
                return expected > 0 ? trimmed >= expected : watch.Elapsed > TimeSpan.FromSeconds(1.2);
            },
            $"{expected} entries are trimmed when the retention has passed"
        );
        Assert.Equal(expected, trimmed);
    }
}
