using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Taproom.Ingest;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>From the stream to compressed files on the local disk.</summary>
[Collection(nameof(ServersCollection))]
public sealed class ArchiveTests(Servers servers)
{
    private const string Pour = """{"volume":500}""";

    [Fact]
    public async Task Each_entry_is_one_line_in_the_file_of_its_tap_and_hour_and_then_acknowledged()
    {
        await using var run = await ArchiveRun.CreateAsync(servers);
        var first = await run.Worker.AppendAsync(Pour);
        run.Time.Advance(TimeSpan.FromSeconds(1.5));
        var second = await run.Worker.AppendAsync("{\r\n  \"temperatureC\": 4.50\r\n}", kind: EntryKinds.Reading);
        run.Time.Advance(TimeSpan.FromMinutes(30));
        var third = await run.Worker.AppendAsync(Pour);

        await run.ArchiveAsync();

        Assert.Equal(["2026-03-29-00/taproom-7-2026-03-29-00.jl", "2026-03-29-01/taproom-7-2026-03-29-01.jl"], run.Files());
        var lines = run.Lines("7");
        Assert.Equal([first.Id, second.Id], ArchiveRun.Ids(lines));
        Assert.Equal(["id", "kind", "tap", "at", "position", "body"], lines[0].Select(member => member.Key));
        Assert.Equal(["pour", "reading"], lines.Select(line => (string?)line["kind"]));
        Assert.Equal(["2026-03-29T00:30:00Z", "2026-03-29T00:30:01.5Z"], lines.Select(line => (string?)line["at"]));
        Assert.Equal("7", (string?)lines[0]["tap"]);
        Assert.Equal(Pour, lines[0]["body"]!.ToJsonString());
        // A number keeps its digits.
        Assert.Contains("4.50", File.ReadAllText(run.PathOf("7")));
        Assert.Equal([third.Id], ArchiveRun.Ids(ArchiveRun.LinesOf(File.ReadAllText(run.PathOf("7", "2026-03-29-01")))));
        Assert.Equal(0, await run.Worker.PendingAsync(ConsumerGroups.Archive));
    }

    [Fact]
    public async Task A_Rainforest_meters_line_has_the_nine_members_of_its_answer_and_its_file_keeps_the_zeros_of_its_id()
    {
        await using var run = await ArchiveRun.CreateAsync(servers);
        const string reading = """
            {"DeviceMacId":15376790024325529600,"MeterMacId":18446744073709551615,"TimeStamp":500000000,"Demand":-1234,"Multiplier":1,"Divisor":1000,"DigitsRight":3,"DigitsLeft":15,"SuppressLeadingZero":"Y"}
            """;
        await run.Worker.AppendAsync(reading, Meter.Device("002738"), kind: EntryKinds.Reading);
        await run.Worker.AppendAsync("""{"at":"noon","kWh":7}""", Meter.Device("odd"), kind: EntryKinds.Reading);
        await run.Worker.AppendAsync("{}", Meter.Device("none"), kind: EntryKinds.Reading);
        await run.Worker.AppendAsync(reading.Replace("SuppressLeadingZero", "id"), Meter.Device("other"), kind: EntryKinds.Reading);

        await run.ArchiveAsync();

        var line = Assert.Single(run.Lines("meter-002738"));
        foreach (var (name, value) in JsonNode.Parse(reading)!.AsObject())
        {
            Assert.Equal(value!.ToJsonString(), line[name]!.ToJsonString());
        }

        Assert.Equal(BigInteger.Pow(2, 64) - 1, BigInteger.Parse(line["MeterMacId"]!.ToJsonString(), CultureInfo.InvariantCulture));
        Assert.Equal("meter:002738", (string?)line["tap"]);
        Assert.Equal(14, line.Count);
        // Its own name is not lost under that of the line.
        var odd = Assert.Single(run.Lines("meter-odd"));
        Assert.Equal(("2026-03-29T00:30:00Z", "noon"), ((string?)odd["at"], (string?)odd["body"]!["at"]));
        Assert.Equal("{}", Assert.Single(run.Lines("meter-none"))["body"]!.ToJsonString());
        Assert.Equal("Y", (string?)Assert.Single(run.Lines("meter-other"))["body"]!["id"]);
    }

    [Fact]
    public async Task What_comes_from_no_device_is_filed_by_its_kind()
    {
        await using var run = await ArchiveRun.CreateAsync(servers);
        await run.Worker.AppendAsync("\"line one\\nline two ü\"", tap: "", kind: EntryKinds.Message);
        await run.Worker.AppendAsync("null", tap: "", kind: EntryKinds.Message);

        await run.ArchiveAsync();

        Assert.Equal(["2026-03-29-00/taproom-message-2026-03-29-00.jl"], run.Files());
        Assert.Equal(["line one\nline two ü", null], run.Lines("message").Select(line => (string?)line["body"]).OrderDescending());
    }

    [Theory]
    [InlineData("../x", "~2E.~2Fx")]
    [InlineData("../../../../../../outside/x", "~2E.~2F..~2F..~2F..~2F..~2F..~2Foutside~2Fx")]
    [InlineData("/etc/passwd", "~2Fetc~2Fpasswd")]
    [InlineData("..", "~2E.")]
    [InlineData("a\\b:c\0d\ne", "a~5Cb~3Ac~00d~0Ae")]
    [InlineData("meter:../x", "meter-~2E.~2Fx")]
    [InlineData("ü", "~C3~BC")]
    public async Task No_device_leads_out_of_the_root(string device, string id)
    {
        await using var run = await ArchiveRun.CreateAsync(servers);
        await run.Worker.AppendAsync("""{"x":1}""", device, kind: EntryKinds.Reading);

        await run.ArchiveAsync();

        Assert.Equal([$"2026-03-29-00/taproom-{id}-2026-03-29-00.jl"], run.Files());
        Assert.Equal(device, (string?)Assert.Single(run.Lines(id))["tap"]);
    }

    [Fact]
    public async Task Names_that_are_too_long_stay_apart()
    {
        await using var run = await ArchiveRun.CreateAsync(servers);
        await run.Worker.AppendAsync("""{"x":1}""", new string('é', 10_000) + "1", kind: EntryKinds.Reading);
        await run.Worker.AppendAsync("""{"x":1}""", new string('é', 10_000) + "2", kind: EntryKinds.Reading);

        await run.ArchiveAsync();

        Assert.Equal(2, run.Files().Count);
    }

    [Fact]
    public async Task Bad_entries_hold_up_nothing()
    {
        await using var run = await ArchiveRun.CreateAsync(servers, ("Ingest:Partitions", "1"));
        var stream = run.Worker.Keys.StreamKeys()[0];
        await run.Worker.Redis.StreamAddAsync(stream, "what", "no field that is known");
        await run.Worker.AppendAsync("not json\n\u0001");
        await run.Worker.AppendAsync("1", kind: "unknown/kind", tap: "");
        await run.Worker.AppendAsync(Pour);

        await run.ArchiveAsync();

        Assert.Equal(0, await run.Worker.PendingAsync(ConsumerGroups.Archive));
        Assert.Equal(0, await run.Worker.Get<ConsumerGroups>().Of(0, ConsumerGroups.Archive).LagAsync());
        Assert.Equal(
            ["not json\n\u0001", Pour],
            run.Lines("7").Select(line => line["body"] is JsonValue text ? (string?)text : line["body"]!.ToJsonString())
        );
        Assert.Single(run.Lines("unknown~2Fkind"));
    }

    [Fact]
    public async Task Half_a_line_of_a_crashed_worker_is_cut_and_its_entry_written_again()
    {
        await using var run = await ArchiveRun.CreateAsync(servers);
        var ids = new List<Guid> { (await run.Worker.AppendAsync(Pour)).Id };
        await run.ArchiveAsync();
        var whole = File.ReadAllText(run.PathOf("7"));
        // Longer than what is read at once when the last whole line is looked for.
        File.AppendAllText(run.PathOf("7"), string.Concat(Enumerable.Repeat("""{"id":"half""", 300)));
        ids.Add((await run.Worker.AppendAsync(Pour)).Id);

        await run.ArchiveAsync();

        Assert.StartsWith(whole, File.ReadAllText(run.PathOf("7")));
        Assert.Equal(ids, ArchiveRun.Ids(run.Lines("7")));
        // One that nobody adds to any more is cut when its hour is closed.
        File.AppendAllText(run.PathOf("7"), """{"id":"half""");
        run.EndHour();
        await run.CloseAsync();
        Assert.Equal(ids, ArchiveRun.Ids(ArchiveRun.LinesOfCompressed(run.PathOf("7", ending: ".jl.gz"))));
    }

    [Fact]
    public async Task A_file_that_has_only_half_a_line_begins_anew()
    {
        await using var run = await ArchiveRun.CreateAsync(servers);
        Directory.CreateDirectory(Path.Combine(run.Root, ArchiveRun.Hour));
        File.WriteAllText(run.PathOf("7"), """{"id":"half""");
        File.WriteAllText(run.PathOf("8"), """{"id":"half""");
        await run.Worker.AppendAsync(Pour);

        await run.ArchiveAsync();
        run.EndHour();
        await run.CloseAsync();

        Assert.Equal(["2026-03-29-00/taproom-7-2026-03-29-00.jl.gz"], run.Files());
        Assert.Single(ArchiveRun.LinesOfCompressed(run.PathOf("7", ending: ".jl.gz")));
    }

    [Fact]
    public async Task An_entry_that_was_written_and_not_acknowledged_is_one_line_when_its_hour_is_closed()
    {
        await using var run = await ArchiveRun.CreateAsync(servers, ("Ingest:Partitions", "1"));
        var ids = new List<Guid>();
        for (var n = 0; n < 3; n++)
        {
            ids.Add((await run.Worker.AppendAsync(Pour)).Id);
        }

        // The same pour sent twice is two entries.
        ids.Add((await run.Worker.AppendAsync(Pour, id: ids[0])).Id);
        await run.ArchiveAsync();
        // As if the worker had died before it could acknowledge.
        var stream = run.Worker.Keys.StreamKeys()[0];
        await run.Worker.Redis.StreamDeleteConsumerGroupAsync(stream, ConsumerGroups.Archive);
        await run.ArchiveAsync();
        Assert.Equal([.. ids, .. ids], ArchiveRun.Ids(run.Lines("7")));

        run.EndHour();
        await run.CloseAsync();

        Assert.Equal(ids, ArchiveRun.Ids(ArchiveRun.LinesOfCompressed(run.PathOf("7", ending: ".jl.gz"))));
    }

    [Fact]
    public async Task Without_an_archive_nothing_is_kept_for_it_also_when_there_was_one()
    {
        await using var run = await ArchiveRun.CreateAsync(servers, ("Ingest:Partitions", "1"), ("Ingest:Retention", "00:00:01"));
        await run.Worker.AppendAsync(Pour);
        await run.ArchiveAsync();
        await run.Worker.AppendAsync(Pour);
        var stream = run.Worker.Keys.StreamKeys()[0];
        Assert.Contains(await run.Worker.Redis.StreamGroupInfoAsync(stream), group => group.Name == "archive");

        // The stream is looked after every ten seconds.
        await using var off = Worker.Create(new Dictionary<string, string?>(run.Worker.Settings) { ["Archive:Path"] = null }, new HastyClock());
        await off.StartAsync();
        await run.Worker.Get<PartitionLeases>().LeaveAsync();

        await Eventually.TrueAsync(
            async () => (await off.Redis.StreamGroupInfoAsync(stream)) is [{ Name: "store" }] && await off.Redis.StreamLengthAsync(stream) <= 1,
            "the group is gone and the stream is trimmed"
        );
        await off.StopAsync();
    }

    [Fact]
    public async Task A_former_stream_is_archived_before_it_is_removed()
    {
        await using var run = await ArchiveRun.CreateAsync(servers, ("Ingest:Partitions", "1"));
        await run.Worker.TurnAsync();
        var entry = await run.Worker.AppendAsync(Pour);
        var (stream, former) = (run.Worker.Keys.StreamKeys()[0], $"{run.Worker.Keys.Prefix}:ingest");
        await run.Worker.Redis.KeyRenameAsync(stream, former);
        await run.Worker.Redis.StreamDeleteConsumerGroupAsync(former, ConsumerGroups.Store);
        PartitionConsumer Consumer(string group) =>
            Microsoft.Extensions.DependencyInjection.ActivatorUtilities.CreateInstance<PartitionConsumer>(
                run.Worker.Get<IServiceProvider>(),
                0,
                group
            );

        await Consumer(ConsumerGroups.Store).TakeOverFormerAsync(CancellationToken.None);
        Assert.True(await run.Worker.Redis.KeyExistsAsync(former));
        await Consumer(ConsumerGroups.Archive).TakeOverFormerAsync(CancellationToken.None);

        Assert.False(await run.Worker.Redis.KeyExistsAsync(former));
        Assert.Equal([entry.Id], ArchiveRun.Ids(run.Lines("7")));
        Assert.Single(await run.Worker.PoursAsync());
    }

    [Fact]
    public async Task The_store_goes_on_while_the_archive_cannot_be_written()
    {
        await using var run = await ArchiveRun.CreateAsync(servers, ("Ingest:Partitions", "1"));
        // A file where the root should be.
        File.WriteAllText(run.Root, "");
        try
        {
            await run.Worker.AppendAsync(Pour);
            await Assert.ThrowsAnyAsync<IOException>(() => run.ArchiveAsync());

            Assert.Equal(HealthStatus.Degraded, await run.HealthAsync());
            Assert.Equal(1, await run.Worker.TurnAsync());
            Assert.Single(await run.Worker.PoursAsync());
            Assert.Equal(1, await run.Worker.PendingAsync(ConsumerGroups.Archive));
        }
        finally
        {
            File.Delete(run.Root);
        }

        await using var next = run.Sibling();
        await run.Worker.Get<PartitionLeases>().LeaveAsync();
        await next.ArchiveAsync();
        Assert.Single(next.Lines("7"));
        Assert.Equal(HealthStatus.Healthy, await next.HealthAsync());
    }

    [Fact]
    public async Task The_spans_of_the_archive_name_its_group_and_an_empty_read_has_none()
    {
        await using var run = await ArchiveRun.CreateAsync(servers, ("Ingest:Partitions", "1"));
        using var spans = new RecordedSpans("Taproom.Ingest");
        var id = (await run.Worker.AppendAsync(Pour)).Id;

        await run.ArchiveAsync();

        var mine = spans.Ended.Where(span => "archive".Equals(span.GetTagItem("messaging.consumer.group.name"))).ToList();
        Assert.Equal(["process ingest", "ack ingest", "receive ingest"], mine.Select(span => span.OperationName));
        Assert.Equal(mine[2].SpanId, mine[1].ParentSpanId);
        Assert.Equal((spans.Find("send ingest", id).SpanId, mine[2].SpanId), (mine[0].ParentSpanId, Assert.Single(mine[0].Links).Context.SpanId));
    }
}
