using System.Diagnostics;
using Consumer.Worker.Writers;
using Npgsql;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Signals;

namespace Consumer.Worker;

/// <summary>Writes one batch of entries to Postgres, each kind by its own writer, and what can never be stored to the dead letters.</summary>
internal sealed partial class BatchWriter(
    IEnumerable<IKindWriter> writers,
    Receipts receipts,
    Announcements announcements,
    ProposalWatch proposals,
    StoreMetrics metrics,
    TimeProvider time,
    ILogger<BatchWriter> logger
) : IBatchWriter
{
    private readonly Dictionary<string, IKindWriter> _writers = writers.ToDictionary(writer => writer.Kind);

    /// <summary>Stores the batch, publishes its receipts, acknowledges it and sets aside what can never be stored, in one step.</summary>
    /// <inheritdoc />
    /// <exception cref="NpgsqlException">Postgres cannot be reached, or cannot take the batch now.</exception>
    public async Task WriteAsync(ConsumerGroup group, Batch batch, Activity? received, CancellationToken cancellationToken)
    {
        var startedAt = time.GetUtcNow();
        var timestamp = time.GetTimestamp();
        var written = new List<Written>(batch.Entries.Count);
        foreach (var deliveries in batch.Entries.GroupBy(delivery => delivery.Entry?.Kind))
        {
            written.AddRange(await WriteKindAsync(deliveries.Key, [.. deliveries], cancellationToken));
        }

        var stored = written.FindAll(item => item.Outcome.Refusal is null);
        var traces = new Dictionary<Guid, string>();
        foreach (var item in stored)
        {
            using var activity = IngestTelemetry.StartProcess(item.Entry, group.Name, received, startedAt);
            if (activity?.SetTag("taproom.duplicate", !item.Outcome.IsNew) is { Recorded: true, Id: { } context })
            {
                traces[item.Entry.Id] = context;
            }
        }

        // A duplicate gets its receipt too: its sender comes again because it has missed the first.
        if (stored.Count > 0)
        {
            await receipts.PublishAsync([.. stored.GroupBy(item => item.Entry.Tap).Select(tap => ReceiptOf(tap, traces))]);
        }

        var refused = Refused(group, written, received, startedAt);
        await group.AcknowledgeAsync(batch, stored.Count(item => !item.Outcome.IsNew), refused);
        refused.ForEach(item => LogSetAside(item.Delivery.Position, item.Reason));
        announcements.Due();
        if (stored.Exists(item => item.Entry.Kind == EntryKinds.Pour))
        {
            proposals.Due();
        }

        metrics.BatchProcessed(group.Name, time.GetElapsedTime(timestamp));
        LogStored(stored.Count);
    }

    private static Receipt ReceiptOf(IGrouping<string, Written> tap, Dictionary<Guid, string> traces)
    {
        var items = tap.ToList();
        return new Receipt(tap.Key, items.ConvertAll(item => item.Entry.Id))
        {
            AsSent = items.TrueForAll(item => item.Outcome.IdAsSent is null)
                ? null
                : items.ConvertAll(item => item.Outcome.IdAsSent ?? item.Entry.Id.ToString()),
            Traces = Receipt.Among(traces, items.Select(item => item.Entry.Id)),
        };
    }

    private async Task<IEnumerable<Written>> WriteKindAsync(string? kind, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        if (kind is not null && _writers.TryGetValue(kind, out var writer))
        {
            var outcomes = await writer.WriteAsync([.. deliveries.Select(delivery => delivery.Entry!)], cancellationToken);
            return deliveries.Zip(outcomes, (delivery, outcome) => new Written(delivery, outcome));
        }

        var refused = Outcome.Refused(
            kind is null ? "A field that every entry has is missing or unreadable." : $"Nothing stores entries of kind '{kind}'."
        );
        return deliveries.Select(delivery => new Written(delivery, refused));
    }

    private static List<Refused> Refused(ConsumerGroup group, IEnumerable<Written> written, Activity? received, DateTimeOffset startedAt)
    {
        var refused = new List<Refused>();
        foreach (var (delivery, outcome) in written.Where(item => item.Outcome.Refusal is not null))
        {
            using var activity = delivery.Entry is { } entry ? IngestTelemetry.StartProcess(entry, group.Name, received, startedAt) : null;
            activity?.SetStatus(ActivityStatusCode.Error, outcome.Refusal).SetTag("error.type", "refused");
            refused.Add(new Refused(delivery, outcome.Refusal!, activity));
        }

        return refused;
    }

    private sealed record Written(Delivery Delivery, Outcome Outcome)
    {
        public IngestEntry Entry => Delivery.Entry!;
    }

    [LoggerMessage(LogLevel.Debug, "Stored {Count} entries.")]
    private partial void LogStored(int count);

    [LoggerMessage(LogLevel.Warning, "Entry {Position} is set aside: {Reason}")]
    private partial void LogSetAside(string position, string reason);
}
