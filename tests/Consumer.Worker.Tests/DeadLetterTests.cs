using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class DeadLetterTests(Servers servers)
{
    [Fact]
    public async Task Dead_letters_are_bounded_in_number_and_bytes_and_the_oldest_go_counted()
    {
        await using var many = await Worker.CreateAsync(servers, ("Ingest:MaxDeadLetters", "10"));
        await using var large = await Worker.CreateAsync(servers, ("Ingest:MaxDeadLetterBytes", "500000"));
        await SetAsideAsync(many, 25, bytes: 10);
        await SetAsideAsync(large, 50, bytes: 60_000);

        var kept = await many.DeadLettersAsync();
        Assert.Equal(10, kept.Length);
        Assert.Equal("No. 24", (string?)kept[^1]["reason"]);
        Assert.Equal(15, await many.Get<DeadLetters>().DroppedAsync());
        var left = await large.DeadLettersAsync();
        Assert.InRange(left.Length, 2, 10);
        Assert.Equal("No. 49", (string?)left[^1]["reason"]);
        Assert.Equal(50 - left.Length, await large.Get<DeadLetters>().DroppedAsync());
    }

    [Fact]
    public async Task A_list_of_large_dead_letters_is_bounded_in_bytes_and_goes_on_where_it_ended()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await SetAsideAsync(worker, 50, bytes: 60_000);
        var (seen, more) = (new List<SetAside>(), true);
        while (more)
        {
            (var letters, more) = await worker.Get<DeadLetters>().ListAsync(seen.LastOrDefault()?.Position, 500);
            Assert.InRange(letters.Sum(letter => letter.Body.Length), 1, 1024 * 1024);
            seen.AddRange(letters);
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(n => $"No. {n}"), seen.Select(letter => letter.Reason));
    }

    [Fact]
    public async Task An_entry_that_two_workers_set_aside_is_one_dead_letter()
    {
        await using var first = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        await using var second = first.Sibling();
        await first.TurnAsync();
        await first.AppendAsync("not json");
        var batch = await first.ReadAsync();
        var refused = new Refused(Assert.Single(batch.Entries), "Both.");

        await Task.WhenAll(new[] { first, second }.Select(worker => worker.Get<ConsumerGroups>().Of(0).AcknowledgeAsync(batch, 0, refused)));

        Assert.Equal(1, (int)Assert.Single(await first.DeadLettersAsync())["deliveries"]);
        Assert.Equal(0, await first.PendingAsync());
    }

    [Fact]
    public async Task Only_what_can_be_what_it_was_goes_back_into_the_stream()
    {
        await using var worker = await Worker.CreateAsync(servers);
        var stream = worker.Get<IngestStream>();
        await stream.SetAsideAsync(Entry("pour", 100), "The topic is another tap's.", "test", CancellationToken.None, isFinal: true);
        await stream.SetAsideAsync(Entry("riddle", 100), "Nothing stores it.", "test", CancellationToken.None);
        await stream.SetAsideAsync(Entry("message", 100), "By mistake.", "test", CancellationToken.None);
        var letters = worker.Get<DeadLetters>();
        var outcomes = new List<Requeued>();
        foreach (var letter in (await letters.ListAsync(null, 10)).Letters)
        {
            outcomes.Add(await letters.RequeueAsync(letter.Position));
        }

        Assert.Equal([Requeued.Refused, Requeued.Refused, Requeued.Done], outcomes);
        Assert.Equal(2, (await worker.DeadLettersAsync()).Length);
        Assert.Equal("message", (string?)Assert.Single(await worker.EntriesAsync())["kind"]);
    }

    [Fact]
    public async Task While_Postgres_is_read_only_nothing_is_lost_and_health_says_so()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Store:MaxBackoff", "00:00:00.5"));
        await worker.TurnAsync();
        await worker.AppendAsync("""{"volume":500}""");
        var database = new NpgsqlConnectionStringBuilder(worker.Settings["ConnectionStrings:taproomdb"]).Database;
        await worker.ExecuteSqlAsync($"ALTER DATABASE {database} SET default_transaction_read_only = on");
        NpgsqlConnection.ClearAllPools();

        await worker.StartAsync();
        await Eventually.TrueAsync(async () => await worker.PendingAsync() == 1, "the worker has tried");
        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync());
        Assert.Empty(await worker.DeadLettersAsync());

        await using (
            var writable = new NpgsqlConnection($"{worker.Settings["ConnectionStrings:taproomdb"]};Options=-c default_transaction_read_only=off")
        )
        {
            await writable.OpenAsync();
            await using var reset = new NpgsqlCommand($"ALTER DATABASE {database} RESET default_transaction_read_only", writable);
            await reset.ExecuteNonQueryAsync();
        }

        await Eventually.TrueAsync(async () => (await worker.PoursAsync()).Count == 1, "the pour is stored");
        // The first connection that is asked may be one of before.
        await Eventually.TrueAsync(async () => await HealthAsync() == HealthStatus.Healthy, "health says so");
        await worker.StopAsync();

        async Task<HealthStatus> HealthAsync() =>
            (await worker.Get<HealthCheckService>().CheckHealthAsync(check => check.Name == "taproomdb writes")).Status;
    }

    private static async Task SetAsideAsync(Worker worker, int count, int bytes)
    {
        for (var n = 0; n < count; n++)
        {
            await worker.Get<IngestStream>().SetAsideAsync(Entry("pour", bytes), $"No. {n}", "test", CancellationToken.None);
        }
    }

    private static IngestEntry Entry(string kind, int bytes) =>
        new()
        {
            Id = Guid.NewGuid(),
            Kind = kind,
            Tap = "7",
            ReceivedAt = DateTimeOffset.UtcNow,
            Body = System.Text.Encoding.UTF8.GetBytes($"\"{new string('x', bytes)}\""),
        };
}
