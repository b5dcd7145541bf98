using Dashboard.Web.Board;
using Dashboard.Web.Push;
using Taproom;
using Taproom.Ingest;
using Taproom.Signals;

namespace Dashboard.Web.Feed;

/// <summary>Follows the stream, the receipts and the deletions, and tells the board and every listener of the hub.</summary>
/// <remarks>
/// It begins with the oldest entry that is still in the stream, because the board must know which pours are not stored yet. What
/// was there before the start is not pushed, though: nobody listened then. Pushes happen inside of the board's changes, so that
/// listeners get them in the order of their partition, and a receipt after its pour.
/// </remarks>
internal sealed class StreamFeed(
    StreamTail tail,
    Receipts receipts,
    Deletions deletions,
    LiveBoard board,
    PoursListeners listeners,
    PushMetrics metrics
) : BackgroundService
{
    private IReadOnlyList<StreamId>? _startedAt;
    private StreamId[] _positions = [];

    /// <summary>Whether the stream has been read up to these positions, one for each partition.</summary>
    public bool HasRead(IReadOnlyList<StreamId> ends) =>
        board.Read(() => _positions.Length == ends.Count && ends.Index().All(end => end.Item.CompareTo(_positions[end.Index]) <= 0));

    /// <summary>Takes what Postgres had at one moment, and tells listeners what they have missed.</summary>
    public void Reconcile(StoredBoard stored) =>
        board.Change(() =>
        {
            PushDeleted(board.Taps.Delete(stored.DeletedIds));
            board.Taps.Reconcile(stored);
            PushStored(board.Store(stored.StoredIds.Except(stored.DeletedIds)));
            board.Store(stored.Newest.Select(pour => pour.Id).Concat(stored.NewestEntries.Select(entry => entry.Id)));
            foreach (var entry in board.Entries.Reconcile(stored.NewestEntries))
            {
                Push(entry.Kind, entry.Id, EntryFrame.Of(entry, traceParent: null));
            }
        });

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            receipts.SubscribeAsync(receipt => board.Change(() => PushStored(board.Store(receipt.Ids))), stoppingToken),
            deletions.SubscribeAsync(id => board.Change(() => PushDeleted(board.Taps.Delete([id]))), stoppingToken),
            tail.FollowAsync(ReceiveAsync, ConnectedAsync, () => board.StreamIs(up: false), fromStart: true, stoppingToken)
        );

    private Task ConnectedAsync(IReadOnlyList<StreamId> ends)
    {
        board.Change(() =>
        {
            _startedAt ??= ends;
            _positions = _positions.Length > 0 ? _positions : new StreamId[ends.Count];
        });
        board.StreamIs(up: true);
        return Task.CompletedTask;
    }

    private Task ReceiveAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var (partition, position, entry) = (delivery.Partition, StreamId.Parse(delivery.Position), delivery.Entry);
        board.Change(() =>
        {
            _positions[partition] = position;
            if (entry is not null && Receive(entry) is { } frame && position.CompareTo(_startedAt![partition]) > 0)
            {
                using var activity = PushTelemetry.StartPush(entry);
                Push(entry.Kind, entry.Id, frame(activity?.Id ?? entry.TraceParent));
            }
        });
        return Task.CompletedTask;
    }

    /// <summary>Puts an entry on the board.</summary>
    /// <returns>Makes its frame out of a <c>traceparent</c>; null when the entry is known, or can never be stored.</returns>
    private Func<string?, object>? Receive(IngestEntry entry) =>
        PourEntry.TryRead(entry, out var pour, out _)
            ? board.Taps.Receive(pour)
                ? traceParent => PourFrame.Of(pour, traceParent)
                : null
            : EntryView.Read(entry) is { } view && board.Entries.Receive(view)
                ? traceParent => EntryFrame.Of(view, traceParent)
                : null;

    private void Push(string kind, Guid id, object frame)
    {
        listeners.Broadcast(kind, frame);
        metrics.Pushed(kind);
        if (board.IsStored(id))
        {
            PushStored([id]);
        }
    }

    private void PushStored(IReadOnlyList<Guid> ids)
    {
        if (ids.Count > 0)
        {
            listeners.Broadcast("stored", new StoredFrame(ids));
        }
    }

    private void PushDeleted(IReadOnlyList<Guid> ids)
    {
        if (ids.Count > 0)
        {
            listeners.Broadcast("deleted", new DeletedFrame(ids));
        }
    }
}
