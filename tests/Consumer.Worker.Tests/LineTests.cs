using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>How the line stands: what waits, who stores it, and the account of all that was accepted.</summary>
[Collection(nameof(ServersCollection))]
public sealed class LineTests(Servers servers)
{
    [Fact]
    public async Task All_that_was_accepted_is_stored_or_repeated_or_dead_or_waits()
    {
        await using var worker = await Worker.CreateAsync(servers);
        Assert.Equal((0, 0, 0, 0, 0), Account(await StateAsync(worker)));

        var id = (await worker.AppendAsync("""{"volume":500}""")).Id;
        await worker.AppendAsync("""{"volume":500}""", id: id);
        await worker.AppendAsync("""{"volume":300}""", tap: "8");
        await worker.AppendAsync("not json", tap: "9");
        await worker.AppendAsync("[1]", tap: "", kind: EntryKinds.Message);
        await worker.AppendAsync("{}", tap: "10", kind: "song");
        var waiting = await StateAsync(worker);
        Assert.Equal((6, 0, 0, 0, 6), Account(waiting));
        Assert.All(waiting.Partitions, partition => Assert.Null(partition.Worker));
        Assert.All(waiting.Partitions, partition => Assert.Equal(partition.Waiting > 0, partition.OldestAge >= TimeSpan.Zero));

        await worker.TurnAsync();

        // The turn may have taken longer than its word holds.
        await worker.Get<PartitionLeases>().RenewAsync();
        var done = await StateAsync(worker);
        Assert.Equal((6, 3, 1, 2, 0), Account(done));
        var name = worker.Get<PartitionLeases>().Worker;
        Assert.Equal([name], done.Workers);
        Assert.All(done.Partitions, partition => Assert.Equal((name, 0, null), (partition.Worker, partition.Waiting, partition.OldestAge)));
    }

    [Fact]
    public async Task What_was_given_out_and_not_acknowledged_waits_and_has_the_age_of_its_acceptance()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        await worker.TurnAsync();
        var old = DateTimeOffset.UtcNow.AddMinutes(-5).ToUnixTimeMilliseconds();
        await worker.Redis.StreamAddAsync(worker.Keys.StreamKeys()[0], "kind", "none", messageId: $"{old}-0");
        Assert.Single((await worker.ReadAsync()).Entries);
        await worker.AppendAsync("""{"volume":500}""");

        var partition = Assert.Single((await StateAsync(worker)).Partitions);

        Assert.Equal(2, partition.Waiting);
        Assert.InRange(partition.OldestAge!.Value, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));
    }

    [Fact]
    public async Task An_entry_with_an_id_of_the_future_has_no_age_below_zero()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        await worker.Redis.StreamAddAsync(worker.Keys.StreamKeys()[0], "kind", "none", messageId: "4102444800000-0");

        Assert.Equal(TimeSpan.Zero, Assert.Single((await StateAsync(worker)).Partitions).OldestAge);
    }

    [Fact]
    public async Task The_account_is_whole_after_the_number_of_partitions_was_changed()
    {
        await using var eight = await Worker.CreateAsync(servers, ("Ingest:Partitions", "8"));
        for (var tap = 1; tap <= 40; tap++)
        {
            await eight.AppendAsync("""{"volume":500}""", tap: $"{tap}");
        }

        Assert.Equal((40, 0, 0, 0, 40), Account(await StateAsync(eight)));
        await using var four = Worker.Create(new(eight.Settings) { ["Ingest:Partitions"] = "4" });
        await four.StartAsync();

        await Eventually.TrueAsync(async () => Account(await StateAsync(four)) == (40, 40, 0, 0, 0), "all is stored and accounted for");
        await four.StopAsync();

        Assert.Empty((await StateAsync(four)).Workers);
        Assert.All((await StateAsync(four)).Partitions, partition => Assert.Null(partition.Worker));
    }

    [Fact]
    public async Task A_worker_is_healthy_while_it_keeps_partitions_and_degraded_while_too_much_waits_or_is_set_aside()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Alerts:LineAge", "00:00:01"), ("Alerts:AllDeadLetters", "1"));
        await worker.AppendAsync("not json");
        await worker.AppendAsync("not json");
        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync("partitions"));
        await Eventually.TrueAsync(async () => await HealthAsync("line") == HealthStatus.Degraded, "they have waited for a second");

        await worker.StartAsync();
        await Eventually.TrueAsync(async () => await HealthAsync("partitions") == HealthStatus.Healthy, "it has taken partitions");
        await Eventually.TrueAsync(async () => (await StateAsync(worker)).Dead == 2, "both are set aside");
        Assert.Equal(HealthStatus.Degraded, await HealthAsync("line"));
        foreach (var letter in await worker.DeadLettersAsync())
        {
            await worker.Get<DeadLetters>().DeleteAsync(letter.Id!);
        }

        Assert.Equal(HealthStatus.Healthy, await HealthAsync("line"));
        await worker.StopAsync();

        async Task<HealthStatus> HealthAsync(string name) =>
            (await worker.Get<HealthCheckService>().CheckHealthAsync(check => check.Name == name)).Status;
    }

    [Fact]
    public async Task What_the_archive_acknowledges_is_no_part_of_the_account()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.AppendAsync("""{"volume":500}""");
        await worker.TurnAsync();
        var group = new ConsumerGroup(
            worker.Get<IConnectionMultiplexer>(),
            worker.Get<PartitionLeases>(),
            worker.Get<IngestTelemetry>(),
            worker.Get<Microsoft.Extensions.Options.IOptions<IngestOptions>>(),
            TimeProvider.System,
            "archive",
            0,
            worker.Keys.StreamKeys()[0]
        );
        await group.CreateAsync();

        await group.AcknowledgeAsync(new Batch("0-0", (await group.ReadAsync("0-0", 10))!, DateTimeOffset.UtcNow));

        Assert.Equal((1, 1, 0, 0, 0), Account(await StateAsync(worker)));
    }

    private static Task<LineState> StateAsync(Worker worker) => worker.Get<IngestLine>().ReadAsync();

    private static (long Accepted, long Stored, long Repeated, long Dead, long Waiting) Account(LineState state) =>
        (state.Accepted, state.Stored, state.Repeated, state.Dead, state.Waiting);
}
