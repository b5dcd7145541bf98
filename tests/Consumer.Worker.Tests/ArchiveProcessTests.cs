using Consumer.Worker.Archive;
using Microsoft.Extensions.Time.Testing;
using Taproom.Ingest;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>Workers as processes of their own, which archive on one machine.</summary>
[Collection(nameof(ServersCollection))]
public sealed class ArchiveProcessTests(Servers servers, S3Server server) : IClassFixture<S3Server>
{
    private const string Pour = """{"volume":500}""";

    [Fact]
    public async Task Workers_that_are_killed_lose_no_line_and_leave_none_twice()
    {
        await using var store = new StoreFront(server);
        await using var run = await ArchiveRun.CreateAsync(servers, [.. store.Settings, ("Archive:BatchInterval", "00:00:00.05")]);
        await using var doors = Worker.Create(run.Worker.Settings);
        await doors.Get<SchemaUpgrade>().EnsureAsync(CancellationToken.None);
        var ids = new List<Guid>();
        using var end = new CancellationTokenSource();
        var pouring = Task.Run(async () =>
        {
            for (var n = 0; !end.IsCancellationRequested; n++)
            {
                ids.Add((await doors.AppendAsync(Pour, $"{1 + (n % 20)}")).Id);
            }
        });
        List<ServiceProcess> workers = [Start(run.Worker.Settings), Start(run.Worker.Settings)];
        try
        {
            for (var kill = 0; kill < 4; kill++)
            {
                var (before, n) = (LengthOf(run), kill % 2);
                await Eventually.TrueAsync(() => Task.FromResult(LengthOf(run) > before), "lines are written", TimeSpan.FromSeconds(60));
                await workers[n].KillAsync();
                await workers[n].DisposeAsync();
                workers[n] = Start(run.Worker.Settings);
            }

            await end.CancelAsync();
            await pouring;
            await Eventually.TrueAsync(
                async () =>
                    await Task.WhenAll(Enumerable.Range(0, 4).Select(p => doors.Get<ConsumerGroups>().Of(p, ConsumerGroups.Archive).LagAsync()))
                        is var lags
                    && lags.Sum() == 0,
                "all is archived",
                TimeSpan.FromSeconds(60)
            );
        }
        finally
        {
            foreach (var worker in workers)
            {
                await worker.DisposeAsync();
            }
        }

        await using var closer = Worker.Create(run.Worker.Settings, new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(2)));
        Assert.Equal(0, await closer.Get<HourCloser>().CloseAsync(CancellationToken.None));
        Assert.Equal(ids.Order(), (await store.IdsAsync()).Order());
        Assert.Empty(run.Files());
    }

    [Fact]
    public async Task A_store_that_refuses_degrades_the_health_and_no_log_has_the_secret()
    {
        await using var store = new StoreFront(server);
        await using var run = await ArchiveRun.CreateAsync(
            servers,
            [.. store.Settings, ("Archive:S3:AccessKey", "nobody"), ("Archive:S3:SecretKey", "word-that-nobody-may-see")]
        );
        await run.Worker.AppendAsync(Pour);
        // Before the worker begins: it closes hours at once, and then every ten seconds.
        await run.ArchiveAsync();
        await run.Worker.Get<PartitionLeases>().LeaveAsync();
        var address = $"http://127.0.0.1:{LocalServer.FreePort()}";
        await using var worker = Start(
            new(run.Worker.Settings)
            {
                ["ASPNETCORE_URLS"] = address,
                ["Archive:BatchInterval"] = "00:00:00",
                ["Archive:Grace"] = "00:00:00",
                ["Logging:LogLevel:Default"] = "Trace",
            }
        );
        await ServiceProcess.HealthyAsync(address);
        using var http = new HttpClient();

        await Eventually.TrueAsync(
            async () => await http.GetStringAsync($"{address}/health") == "Degraded",
            "the worker is degraded",
            TimeSpan.FromSeconds(60)
        );

        await worker.SignalAsync("TERM");
        var (_, output) = await worker.ExitAsync(TimeSpan.FromSeconds(60));
        Assert.Contains("the store answered 403", output);
        Assert.DoesNotContain("word-that-nobody-may-see", output);
        Assert.Single(run.Files());
    }

    private static ServiceProcess Start(Dictionary<string, string?> settings)
    {
        var all = new Dictionary<string, string?>(settings);
        all.TryAdd("ASPNETCORE_URLS", "http://127.0.0.1:0");
        return ServiceProcess.Start("Consumer.Worker", all);
    }

    private static long LengthOf(ArchiveRun run) =>
        Directory.Exists(run.Root) ? new DirectoryInfo(run.Root).EnumerateFiles("*.jl", SearchOption.AllDirectories).Sum(file => file.Length) : 0;
}
