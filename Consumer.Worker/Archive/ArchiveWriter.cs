using System.Buffers;
using System.Diagnostics;
using Taproom.Ingest;

namespace Consumer.Worker.Archive;

/// <summary>Writes a batch of entries to the files of their taps and hours, and acknowledges them when they are on the disk.</summary>
internal sealed class ArchiveWriter(ArchiveFolder folder, ArchiveHealth health, ArchiveMetrics metrics, StoreMetrics storeMetrics, TimeProvider time)
    : IBatchWriter
{
    /// <inheritdoc />
    /// <exception cref="IOException">The disk is full or away; nothing was written or acknowledged.</exception>
    public async Task WriteAsync(ConsumerGroup group, Batch batch, Activity? received, CancellationToken cancellationToken)
    {
        var (startedAt, timestamp) = (time.GetUtcNow(), time.GetTimestamp());
        // What has no readable fields has no hour either; the store sets it aside.
        var readable = batch.Entries.Where(delivery => delivery.Entry is not null).ToList();
        try
        {
            await folder.AppendAsync(
                [
                    .. readable
                        .GroupBy(delivery => (Hour: ArchiveNames.Hour(delivery.Entry!.ReceivedAt), Id: ArchiveNames.Id(delivery.Entry)))
                        .Select(file => new ArchiveLines(file.Key.Hour, file.Key.Id, LinesOf(file))),
                ],
                cancellationToken
            );
            health.Set(PartOf(batch.Entries[0].Partition), null);
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            health.Set(PartOf(batch.Entries[0].Partition), $"The archive cannot be written, so its entries wait in the stream: {ex.Message}");
            throw;
        }

        foreach (var delivery in readable)
        {
            IngestTelemetry.StartProcess(delivery.Entry!, group.Name, received, startedAt)?.Dispose();
        }

        await group.AcknowledgeAsync(batch);
        metrics.Written(readable.Count);
        storeMetrics.BatchProcessed(group.Name, time.GetElapsedTime(timestamp));
    }

    /// <summary>What <see cref="ArchiveHealth"/> is told of a partition.</summary>
    public static string PartOf(int partition) => $"partition {partition}";

    private static ReadOnlyMemory<byte> LinesOf(IEnumerable<Delivery> deliveries)
    {
        var lines = new ArrayBufferWriter<byte>();
        foreach (var delivery in deliveries)
        {
            ArchiveLine.Add(lines, delivery.Entry!, delivery.Position);
        }

        return lines.WrittenMemory;
    }
}
