using Dashboard.Web.Board;
using Dashboard.Web.Push;
using Taproom;
using Taproom.Ingest;
using Taproom.Signals;

namespace Dashboard.Web.Feed;

/// <summary>Follows the stream, the receipts and the deletions, and tells the board and every listener of the hub.</summary>
/// <remarks>
/// It begins with the oldest entry that is not stored yet, because the board has what is stored from Postgres. What was there before it
/// began is not pushed, though: nobody listened then. Pushes happen inside of the board's changes, so that listeners get them in the
/// order of their partition, and a receipt after its pour.
/// </remarks>
internal sealed class StreamFeed(
    StreamTail tail,
    Receipts receipts,
    Deletions deletions,
    LiveBoard board,
    PoursListeners listeners,
    PushMetrics metrics,
    TimeProvider time
)
{
    private TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<StreamId>? _startedAt;
    private StreamId[] _positions = [];

    /// <summary>Completes when the stream is read for the first time since <see cref="FollowAsync"/> was called.</summary>
    public Task Connected => _connected.Task;

    /// <summary>How often reading has begun since then: while it was interrupted, something may have been missed.</summary>
    public int Connections { get; private set; }

    /// <summary>Whether the stream has been read up to these positions, one for each partition.</summary>
    public bool HasRead(IReadOnlyList<StreamId> ends) =>
        board.Read(() => _positions.Length == ends.Count && ends.Index().All(end => end.Item.CompareTo(_positions[end.Index]) <= 0));

    /// <summary>Takes what Postgres had at one moment, and tells listeners what they have missed.</summary>
    public void Reconcile(StoredBoard stored) =>
        board.Change(() =>
        {
            PushDeleted(board.Taps.Delete(stored.DeletedIds));
            board.Taps.Reconcile(stored);
            board.AlertsAre(stored.Alerts);
            PushStored(board.Store(stored.StoredIds.Except(stored.DeletedIds)));
            board.Store((stored.History?.Newest ?? []).Select(pour => pour.Id).Concat(stored.NewestEntries.Select(entry => entry.Id)));
            foreach (var entry in board.Entries.Reconcile(stored.NewestEntries))
            {
                Push(entry.Kind, entry.Id, EntryFrame.Of(entry, traceParent: null));
            }
        });

    /// <summary>Follows until it is cancelled.</summary>
    /// <param name="ready">Called once nothing is missed any more.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task FollowAsync(Action ready, CancellationToken cancellationToken)
    {
        (_startedAt, _positions, Connections) = (null, [], 0);
        _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return Task.WhenAll(
            receipts.SubscribeAsync(receipt => board.Change(() => PushStored(board.Store(receipt.Ids))), cancellationToken),
            deletions.SubscribeAsync(id => board.Change(() => PushDeleted(board.Taps.Delete([id]))), cancellationToken),
            tail.FollowAsync(ReceiveAsync, Begin, () => board.StreamIs(up: false), withWaiting: true, cancellationToken)
        );

        void Begin(IReadOnlyList<StreamId> positions, IReadOnlyList<StreamId> ends)
        {
            board.Change(() => (_startedAt, _positions, Connections) = (_startedAt ?? ends, [.. positions], Connections + 1));
            board.StreamIs(up: true);
            _connected.TrySetResult();
            ready();
        }
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
        metrics.Pushed(kind);
        if (frame is PourFrame pour)
        {
            listeners.Pour(pour);
            metrics.PourPushed(time.GetUtcNow() - pour.PouredAt);
        }
        else
        {
            listeners.Broadcast(kind, frame);
        }

        if (board.IsStored(id))
        {
            PushStored([id]);
        }
    }

    private void PushStored(IReadOnlyList<Guid> ids)
    {
        if (ids.Count > 0)
        {
            listeners.Stored(ids);
        }
    }

    private void PushDeleted(IReadOnlyList<Guid> ids)
    {
        if (ids.Count > 0)
        {
            listeners.Deleted(ids);
        }
    }
}
