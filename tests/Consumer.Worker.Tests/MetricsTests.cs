using Taproom.Ingest;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class MetricsTests(Servers servers)
{
    private const string Duration = "messaging.client.operation.duration";

    [Fact]
    public async Task What_the_worker_does_is_measured_by_name_and_unit_and_never_by_tap()
    {
        using var metrics = new RecordedMetrics(
            "taproom.pours.stored",
            "taproom.pours.duplicates",
            "taproom.pour.volume",
            "taproom.pour.end_to_end.duration",
            "taproom.dead_letters",
            "messaging.process.duration",
            Duration
        );
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        var id = (await worker.AppendAsync("""{"volume":500.25}""", tap: "4711")).Id;
        await worker.TurnAsync();
        await worker.AppendAsync("""{"volume":500.25}""", tap: "4711", id: id);
        await worker.AppendAsync("""{"volume":5}""", tap: "4711");
        await worker.TurnAsync();

        RecordedMetric[] Of(string name) => [.. metrics.Measured.Where(measured => measured.Name == name)];
        string[] Operations(string destination) =>
            [
                .. Of(Duration)
                    .Where(measured => destination.Equals(measured.Tags["messaging.destination.name"]))
                    .Select(measured => (string)measured.Tags["messaging.operation.name"]!)
                    .Distinct()
                    .Order(),
            ];
        Assert.Contains(Of("taproom.pours.stored"), measured => measured is { Unit: "{pour}", Value: 1 });
        Assert.Contains(Of("taproom.pours.duplicates"), measured => measured is { Unit: "{pour}", Value: 1 });
        Assert.Contains(Of("taproom.pour.volume"), measured => measured is { Unit: "mL", Value: 500.25 });
        Assert.Contains(Of("taproom.pour.end_to_end.duration"), measured => measured.Unit == "s" && "commit".Equals(measured.Tags["taproom.stage"]));
        Assert.Contains(Of("taproom.dead_letters"), measured => measured is { Unit: "{message}", Value: 1 });
        Assert.Contains(Of("messaging.process.duration"), measured => measured.Unit == "s");
        Assert.Equal(["ack", "receive", "send"], Operations("ingest"));
        Assert.Equal(["send"], Operations("dead"));
        Assert.DoesNotContain(metrics.Measured.SelectMany(measured => measured.Tags.Values), value => value is "4711" or 4711);
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-fe", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff", false)]
    [InlineData("nonsense", false)]
    [InlineData(null, false)]
    public void A_trace_that_is_not_kept_is_told_by_its_last_digit(string? traceParent, bool isDropped) =>
        Assert.Equal(
            isDropped,
            IngestTelemetry.IsTraceDropped(
                new IngestEntry
                {
                    Id = Guid.NewGuid(),
                    Kind = EntryKinds.Pour,
                    ReceivedAt = DateTimeOffset.UnixEpoch,
                    Body = [],
                    TraceParent = traceParent,
                }
            )
        );
}
