using System.Diagnostics.Metrics;
using Amazon.Runtime;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Taproom.Ingest;
using Testing;
using Meter = Taproom.Store.Meter;

namespace Consumer.Worker.Tests;

/// <summary>From compressed files to a real S3-compatible server.</summary>
[Collection(nameof(ServersCollection))]
public sealed class ArchiveUploadTests(Servers servers, S3Server server) : IClassFixture<S3Server>
{
    private const string Pour = """{"volume":500}""";
    private const string FirstKey = "7/2026/03/29/taproom-7-2026-03-29-00.jl.gz";

    [Fact]
    public async Task A_closed_hour_is_uploaded_under_its_key_and_only_then_gone_from_the_disk()
    {
        await using var store = new StoreFront(server);
        await using var run = await ArchiveRun.CreateAsync(servers, store.Settings);
        var id = (await run.Worker.AppendAsync(Pour)).Id;
        await run.Worker.AppendAsync("""{"kWh":1}""", Meter.Device("002738"), kind: EntryKinds.Reading);
        await run.Worker.AppendAsync("""{"x":1}""", "../x", kind: EntryKinds.Reading);
        await run.ArchiveAsync();
        run.EndHour();

        Assert.Equal(0, await run.CloseAsync());

        Assert.Equal(
            [
                FirstKey,
                "meter-002738/2026/03/29/taproom-meter-002738-2026-03-29-00.jl.gz",
                "~2E.~2Fx/2026/03/29/taproom-~2E.~2Fx-2026-03-29-00.jl.gz",
            ],
            await store.KeysAsync()
        );
        Assert.Equal([id], ArchiveRun.Ids(await store.LinesAsync(FirstKey)));
        Assert.Empty(run.Files());
        Assert.False(Directory.Exists(Path.Combine(run.Root, ArchiveRun.Hour)));
    }

    [Theory]
    [InlineData(nameof(Serving.Away))]
    [InlineData(nameof(Serving.SlowDown))]
    [InlineData(nameof(Serving.Full))]
    [InlineData(nameof(Serving.Hang))]
    public async Task What_cannot_be_uploaded_is_held_and_uploaded_later(string serving)
    {
        await using var store = new StoreFront(server) { Serving = Enum.Parse<Serving>(serving) };
        await using var run = await ArchiveRun.CreateAsync(servers, store.Settings);
        var ids = new List<Guid>();
        for (var tap = 1; tap <= 30; tap++)
        {
            ids.Add((await run.Worker.AppendAsync(Pour, $"{tap}")).Id);
        }

        await run.ArchiveAsync();
        run.EndHour();
        using var failures = new Counted("taproom.archive.upload_failures");

        var closing = run.CloseAsync();
        await Eventually.TrueAsync(
            () =>
            {
                // Nobody waits for ever for a store that does not answer.
                run.Time.Advance(TimeSpan.FromSeconds(10));
                return Task.FromResult(closing.IsCompleted);
            },
            "the turn ends"
        );
        await Assert.ThrowsAsync<AggregateException>(() => closing);

        Assert.Equal(30, run.Files().Count(file => file.EndsWith(".jl.gz", StringComparison.Ordinal)));
        Assert.Equal(HealthStatus.Degraded, await run.HealthAsync());
        // It was not asked for each of them.
        Assert.InRange(failures.Sum, 8, 15);
        // The archive goes on meanwhile, and so does the store.
        ids.Add((await run.Worker.AppendAsync(Pour, "31")).Id);
        await run.ArchiveAsync();
        await run.Worker.TurnAsync();
        Assert.Equal(0, await run.Worker.PendingAsync(ConsumerGroups.Archive));

        store.Serving = Serving.PassOn;
        run.EndHour();
        Assert.Equal(0, await run.CloseAsync());
        Assert.Equal(ids.Order(), (await store.IdsAsync()).Order());
        Assert.Empty(run.Files());
        Assert.Equal(HealthStatus.Healthy, await run.HealthAsync());
    }

    [Fact]
    public async Task What_was_uploaded_and_not_removed_yet_is_found_there_and_removed()
    {
        await using var store = new StoreFront(server);
        await using var run = await ArchiveRun.CreateAsync(servers, store.Settings);
        var ids = new List<Guid> { (await run.Worker.AppendAsync(Pour)).Id };
        await run.ArchiveAsync();
        run.EndHour();
        store.Serving = Serving.Away;
        await Assert.ThrowsAsync<AggregateException>(run.CloseAsync);
        var (file, copy) = (run.PathOf("7", ending: ".jl.gz"), Path.GetTempFileName());
        File.Copy(file, copy, overwrite: true);
        store.Serving = Serving.PassOn;
        await run.CloseAsync();

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.Move(copy, file);
        await using var next = run.Sibling();
        await next.CloseAsync();

        Assert.Equal(FirstKey, Assert.Single(await store.KeysAsync()));
        Assert.Empty(run.Files());
        Assert.Equal(ids, await store.IdsAsync());
    }

    [Fact]
    public async Task Late_entries_of_an_uploaded_hour_and_what_others_put_there_are_beside_each_other()
    {
        await using var store = new StoreFront(server);
        await using var run = await ArchiveRun.CreateAsync(servers, store.Settings);
        await store.PutAsync("8/2026/03/29/taproom-8-2026-03-29-00.jl.gz", "of somebody else");
        var ids = new List<Guid>();
        // Each archived when the hour is over and was uploaded before.
        foreach (var n in Enumerable.Range(0, 3))
        {
            run.Time.SetUtcNow(ArchiveRun.Start + TimeSpan.FromHours(2 + n));
            await run.CloseAsync();
            await using var doors = Worker.Create(run.Worker.Settings, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(ArchiveRun.Start));
            ids.Add((await doors.AppendAsync(Pour)).Id);
            if (n == 0)
            {
                await doors.AppendAsync(Pour, "8");
            }

            await run.ArchiveAsync();
        }

        run.EndHour();
        await run.CloseAsync();

        var keys = await store.KeysAsync();
        Assert.Equal(3, keys.Count(key => key.StartsWith("7/2026/03/29/taproom-7-2026-03-29-00.", StringComparison.Ordinal)));
        Assert.Equal([ids[0]], ArchiveRun.Ids(await store.LinesAsync(FirstKey)));
        Assert.Equal("of somebody else", await store.TextAsync("8/2026/03/29/taproom-8-2026-03-29-00.jl.gz"));
        Assert.Equal(2, keys.Count(key => key.StartsWith("8/", StringComparison.Ordinal)));
        var found = new List<Guid>();
        foreach (var key in keys.Where(key => key.StartsWith("7/", StringComparison.Ordinal)))
        {
            found.AddRange(ArchiveRun.Ids(await store.LinesAsync(key)));
        }

        Assert.Equal(ids.Order(), found.Order());
    }

    [Fact]
    public async Task Workers_of_two_machines_that_close_the_hour_of_one_tap_overwrite_nothing()
    {
        await using var store = new StoreFront(server);
        await using var first = await ArchiveRun.CreateAsync(servers, store.Settings);
        await using var second = first.Sibling(root: $"{first.Root}-second");
        var ids = new List<Guid>();
        // The partitions are with one of them, then with the other.
        foreach (var run in (ArchiveRun[])[first, second])
        {
            for (var n = 0; n < 20; n++)
            {
                ids.Add((await run.Worker.AppendAsync($"{n}", tap: "", kind: EntryKinds.Message)).Id);
                ids.Add((await run.Worker.AppendAsync(Pour, $"{n + 1}")).Id);
            }

            await run.ArchiveAsync();
            await run.Worker.Get<PartitionLeases>().LeaveAsync();
        }

        Assert.Equal(21, first.Files().Count);
        Assert.Equal(21, second.Files().Count);
        first.EndHour();

        // Which of them is first at a key is left to chance; who finds the other at it comes again.
        await Eventually.TrueAsync(async () => (await Task.WhenAll(first.CloseAsync(), second.CloseAsync())).Sum() == 0, "both have uploaded all");

        Assert.Equal(42, (await store.KeysAsync()).Count);
        Assert.Equal(ids.Order(), (await store.IdsAsync()).Order());
    }

    [Fact]
    public async Task Workers_of_one_machine_share_a_root()
    {
        await using var store = new StoreFront(server);
        await using var first = await ArchiveRun.CreateAsync(servers, store.Settings);
        await using var second = first.Sibling();
        await Task.WhenAll(first.Worker.Get<PartitionLeases>().RenewAsync(), second.Worker.Get<PartitionLeases>().RenewAsync());
        var ids = new List<Guid>();
        for (var n = 0; n < 200; n++)
        {
            // All partitions write to one file.
            ids.Add((await first.Worker.AppendAsync($"{n}", tap: "", kind: EntryKinds.Message)).Id);
        }

        await Eventually.TrueAsync(
            async () =>
            {
                await Task.WhenAll(first.ArchiveAsync(), second.ArchiveAsync());
                return first.Lines("message").Count == ids.Count;
            },
            "both have archived their partitions"
        );
        Assert.Equal(ids.Order(), ArchiveRun.Ids(first.Lines("message")).Order());
        first.EndHour();
        await Task.WhenAll(first.CloseAsync(), second.CloseAsync());

        Assert.Equal(ids.Order(), (await store.IdsAsync()).Order());
        Assert.Single(await store.KeysAsync());
    }

    [Fact]
    public async Task A_key_that_is_refused_is_said_and_holds_the_files()
    {
        await using var store = new StoreFront(server);
        await using var run = await ArchiveRun.CreateAsync(
            servers,
            [.. store.Settings, ("Archive:S3:AccessKey", "unknown"), ("Archive:S3:SecretKey", "wrong-and-secret")]
        );
        await run.Worker.AppendAsync(Pour);
        await run.ArchiveAsync();
        run.EndHour();

        var fault = await Assert.ThrowsAsync<AggregateException>(run.CloseAsync);

        Assert.Contains("Forbidden", $"{Assert.IsAssignableFrom<AmazonServiceException>(fault.InnerException).StatusCode}");
        Assert.DoesNotContain("wrong-and-secret", fault.ToString());
        Assert.Single(run.Files());
    }

    [Theory]
    [InlineData("Archive:Path", " ", "Archive:Path")]
    [InlineData("Archive:Path", null, "Archive:S3:Bucket needs Archive:Path")]
    [InlineData("Archive:S3:ServiceUrl", "localhost:9000", "Archive:S3:ServiceUrl")]
    [InlineData("Archive:S3:SecretKey", null, "go together")]
    [InlineData("Archive:S3:Bucket", "", "Bucket")]
    [InlineData("Archive:S3:Prefix", "/a//b", "Archive:S3:Prefix")]
    [InlineData("Archive:S3:Timeout", "00:00:00", "Timeout")]
    [InlineData("Archive:Grace", "-00:00:01", "Grace")]
    public async Task A_bad_setting_is_named_at_the_start_without_secrets(string key, string? value, string said)
    {
        await using var store = new StoreFront(server);
        await using var run = await ArchiveRun.CreateAsync(servers, [.. store.Settings, (key, value)]);
        var root = run.Worker.Settings["Archive:Path"];
        run.Worker.Settings["Archive:Path"] = root ?? Path.GetTempPath() + Guid.NewGuid();

        var fault = await Assert.ThrowsAsync<OptionsValidationException>(run.Worker.StartAsync);

        Assert.Contains(said, fault.Message);
        Assert.DoesNotContain(S3Server.Key, fault.Message);
    }

    /// <summary>The sum of a counter from now on.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _sum;

        public Counted(string name)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref _sum, count));
            _listener.Start();
        }

        public long Sum => Interlocked.Read(ref _sum);

        public void Dispose() => _listener.Dispose();
    }
}
