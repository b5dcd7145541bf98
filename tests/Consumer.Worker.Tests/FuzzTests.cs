using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>What another program writes straight into the stream. <see cref="Fuzz"/> says how to try millions.</summary>
[Collection(nameof(ServersCollection))]
public sealed class FuzzTests(Servers servers) : IDisposable
{
    private const int BatchSize = 250;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taproom-");

    [Fact]
    public async Task Whatever_is_written_into_the_stream_is_stored_repeated_or_set_aside_and_nothing_stored_breaks_the_rules()
    {
        var archive = Path.Combine(_folder.FullName, "archive");
        await using var worker = await Worker.CreateAsync(servers, ("Archive:Path", archive));
        await worker.TurnAsync();
        await worker.StartAsync();
        var (written, good) = (0, new List<Guid>());
        while (written < Fuzz.Count(2_000))
        {
            // A good one ends each batch, whatever stands beside it.
            var last = await WriteAsync(worker, written, BatchSize);
            (written, good) = (written + BatchSize + 1, [.. good, last]);
            await Eventually.TrueAsync(async () => await WaitingAsync(worker) == 0, "all of it is stored or set aside", TimeSpan.FromSeconds(60));
        }

        await worker.StopAsync();
        Assert.Equal(0, await worker.PendingAsync());
        var pours = await worker.PoursAsync();
        Assert.Empty(good.Except(pours.Select(pour => pour.Id)));
        Assert.Empty(await StoredRules.BrokenAsync(worker.Settings["ConnectionStrings:taproomdb"]!));
        var dead = await worker.DeadLettersAsync();
        Assert.All(dead, letter => Assert.False(letter["reason"].IsNullOrEmpty));
        Assert.InRange(dead.Length, written / 10, written);
        Assert.Equal([archive], Directory.EnumerateFileSystemEntries(_folder.FullName));
        Assert.All(
            Directory.EnumerateFiles(archive, "*", SearchOption.AllDirectories),
            file =>
                Assert.Matches("^[a-z]+\\.lock$|^[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2}/taproom-[A-Za-z0-9._~-]+$", Path.GetRelativePath(archive, file))
        );
    }

    [Theory]
    [InlineData("missing fields", null, "7", """{"volume":500}""")]
    [InlineData("an unknown kind", "riddle", "7", """{"volume":500}""")]
    [InlineData("no JSON", "pour", "7", "volume=500")]
    [InlineData("no JSON", "message", "", "{")]
    [InlineData("no JSON", "reading", "7", "\u0000")]
    [InlineData("U+0000 in a text", "reading", "7", """{"temperatureC":4,"note":"\u0000"}""")]
    [InlineData("a tap that cannot be", "pour", "0", """{"volume":500}""")]
    [InlineData("a tap that cannot be", "pour", "99999999999", """{"volume":500}""")]
    [InlineData("a path as a device", "pour", "../x", """{"volume":500}""")]
    public async Task An_entry_that_can_never_be_stored_is_a_dead_letter_with_its_reason_and_the_rest_is_stored_at_once(
        string what,
        string? kind,
        string tap,
        string body
    )
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        await worker.TurnAsync();
        var before = await worker.AppendAsync("""{"volume":500}""");
        await worker.Redis.StreamAddAsync(worker.Keys.StreamKeys()[0], Entry(kind, tap, body));
        var after = await worker.AppendAsync("""{"volume":500}""");

        Assert.Equal(3, await worker.TurnAsync());

        Assert.Equal([before.Id, after.Id], (await worker.PoursAsync()).Select(pour => pour.Id));
        Assert.False(Assert.Single(await worker.DeadLettersAsync())["reason"].IsNullOrEmpty, what);
        Assert.Equal(0, await worker.PendingAsync());
    }

    [Fact]
    public async Task An_entry_of_thousands_of_fields_is_set_aside_with_those_that_count_and_can_be_put_back()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        await worker.TurnAsync();
        IEnumerable<NameValueEntry> more = Enumerable.Range(0, 5_000).Select(n => new NameValueEntry($"field {n}", n));
        var (stream, last) = (worker.Keys.StreamKeys()[0], Entry("pour", "7", """{"volume":400}"""));
        await worker.Redis.StreamAddAsync(stream, [.. Entry(null, "7", """{"volume":300}"""), .. more]);
        await worker.Redis.StreamAddAsync(stream, [.. more]);
        await worker.Redis.StreamAddAsync(stream, [.. more, .. last]);
        var after = await worker.AppendAsync("""{"volume":500}""");

        Assert.Equal(4, await worker.TurnAsync());

        Assert.Equal([(string?)last[0].Value, $"{after.Id}"], (await worker.PoursAsync()).Select(pour => $"{pour.Id}"));
        var dead = await worker.DeadLettersAsync();
        Assert.All(dead, letter => Assert.Matches("missing or unreadable.* Of its 500[03] fields ", (string?)letter["reason"]));
        Assert.Equal([7, 4], dead.Select(letter => letter.Values.Length));
        Assert.Equal("""{"volume":300}""", (string?)dead[0]["body"]);
        Assert.Equal(0, await worker.PendingAsync());

        // As an older worker, or another program, has set it aside.
        var again = Entry("pour", "7", """{"volume":600}""");
        var letters = worker.Get<DeadLetters>();
        var position = await worker.Redis.StreamAddAsync(worker.Keys.DeadKey, [.. again, .. more, new("reason", "By mistake.")]);
        Assert.Equal(Requeued.Done, await letters.RequeueAsync(position!));
        Assert.Equal(1, await worker.TurnAsync());
        Assert.Contains(await worker.PoursAsync(), pour => $"{pour.Id}" == (string?)again[0].Value);
    }

    /// <inheritdoc />
    public void Dispose() => _folder.Delete(recursive: true);

    private static NameValueEntry[] Entry(string? kind, string tap, string body) =>
        kind is null
            ? [new("id", Guid.CreateVersion7().ToString()), new("tap", tap), new("body", body)]
            :
            [
                new("id", Guid.CreateVersion7().ToString()),
                new("kind", kind),
                new("tap", tap),
                new("at", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()),
                new("body", body),
            ];

    private static async Task<long> WaitingAsync(Worker worker) =>
        (
            await Task.WhenAll(
                from partition in Enumerable.Range(0, worker.Keys.Partitions)
                from name in (string[])[ConsumerGroups.Store, ConsumerGroups.Archive]
                select worker.Get<ConsumerGroups>().Of(partition, name).LagAsync()
            )
        ).Sum();

    private static async Task<Guid> WriteAsync(Worker worker, int first, int count)
    {
        var streams = worker.Keys.StreamKeys();
        var batch = worker.Redis.CreateBatch();
        List<Task> writing = [];
        for (var n = first; n < first + count; n++)
        {
            var random = Fuzz.Random(n);
            writing.Add(batch.StreamAddAsync(streams[random.Next(streams.Count)], FuzzEntries.Broken(random)));
        }

        batch.Execute();
        await Task.WhenAll(writing);
        return (await worker.AppendAsync("""{"volume":500}""")).Id;
    }
}
