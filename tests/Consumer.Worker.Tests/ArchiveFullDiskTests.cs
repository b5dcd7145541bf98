using Microsoft.Extensions.Diagnostics.HealthChecks;
using Taproom.Ingest;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class ArchiveFullDiskTests(Servers servers)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_full_disk_holds_the_entries_and_drops_none(bool mayMount)
    {
        await using var run = await ArchiveRun.CreateAsync(servers, ("Ingest:Partitions", "1"), ("Store:BatchSize", "50"));
        using var disk = new SmallDisk(run.Root, mayMount);
        var (ids, fault) = (new List<Guid>(), (Exception?)null);
        while (fault is null)
        {
            for (var n = 0; n < 50; n++)
            {
                ids.Add((await run.Worker.AppendAsync("""{"volume":500}""", $"{1 + (n % 2)}")).Id);
            }

            fault = await Record.ExceptionAsync(run.ArchiveAsync);
            Assert.InRange(ids.Count, 1, 5_000);
        }

        // .NET has another exception for a file that may grow no more.
        Assert.IsType(mayMount ? typeof(IOException) : typeof(ArgumentOutOfRangeException), fault);
        Assert.Equal(HealthStatus.Degraded, await run.HealthAsync());
        Assert.Equal(50, await run.Worker.PendingAsync(ConsumerGroups.Archive));
        // What failed has left nothing: each file ends where the batch before it ended.
        Assert.Equal(ids[..^50].Order(), ArchiveRun.Ids([.. run.Lines("1"), .. run.Lines("2")]).Order());
        // The store does not wait for it.
        while (await run.Worker.TurnAsync() > 0) { }
        Assert.Equal(0, await run.Worker.PendingAsync());
        Assert.Equal(ids.Count, (await run.Worker.PoursAsync()).Count);
        // Another try changes nothing.
        await using (var next = run.Sibling())
        {
            await run.Worker.Get<PartitionLeases>().LeaveAsync();
            Assert.IsType(fault.GetType(), await Record.ExceptionAsync(next.ArchiveAsync));
            Assert.Equal(ids.Count - 50, run.Lines("1").Count + run.Lines("2").Count);
            await next.Worker.Get<PartitionLeases>().LeaveAsync();
        }

        disk.MakeRoom();
        await using (var next = run.Sibling())
        {
            await next.ArchiveAsync();
            Assert.Equal(HealthStatus.Healthy, await next.HealthAsync());
        }

        Assert.Equal(ids.Order(), ArchiveRun.Ids([.. run.Lines("1"), .. run.Lines("2")]).Order());
    }
}
