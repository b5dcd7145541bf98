using System.Collections.Concurrent;
using Taproom.Signals;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class SharesReportTests(Servers servers)
{
    [Fact]
    public async Task Every_tenth_stored_beer_brings_one_report_however_many_workers_there_are()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        await using var sibling = worker.Sibling();
        var reports = new ConcurrentQueue<string>();
        await worker.Get<ShareReports>().SubscribeAsync(reports.Enqueue);
        foreach (var tap in (string[])["1", "1", "3", "2", "3", "1", "2", "3", "1", "3", "4"])
        {
            await worker.AppendAsync("""{"volume":500}""", tap);
        }

        await worker.TurnAsync();
        await Task.WhenAll(new[] { worker, sibling }.Select(each => each.Get<Announcements>().AnnounceAsync(CancellationToken.None)));

        await Eventually.TrueAsync(() => Task.FromResult(!reports.IsEmpty), "the report is heard");
        Assert.Equal("""{"tap 1":"40.0%","tap 2":"20.0%","tap 3":"40.0%","total beers":10}""", Assert.Single(reports));
    }

    [Fact]
    public async Task A_report_that_a_worker_left_untold_is_told_by_the_next()
    {
        await using var stopped = await Worker.CreateAsync(servers);
        var reports = new ConcurrentQueue<string>();
        await stopped.Get<ShareReports>().SubscribeAsync(reports.Enqueue);
        for (var n = 0; n < 10; n++)
        {
            await stopped.AppendAsync("""{"volume":500}""");
        }

        await stopped.TurnAsync();
        await using var next = stopped.Sibling();
        await next.StartAsync();

        await Eventually.TrueAsync(() => Task.FromResult(!reports.IsEmpty), "the report is heard");
        Assert.Equal("""{"tap 7":"100.0%","total beers":10}""", Assert.Single(reports));
        await next.StopAsync();
    }
}
