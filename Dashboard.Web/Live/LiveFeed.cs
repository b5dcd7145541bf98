using System.Diagnostics;
using Microsoft.Extensions.Options;
using Taproom;
using Taproom.Ingest;
using Taproom.Signals;

namespace Dashboard.Web.Live;

/// <summary>Follows the stream, the receipts and the deletions, and tells the boards and every listener.</summary>
/// <remarks>
/// It begins with the oldest entry that is still in the stream, because the boards must know which pours are not stored yet. What
/// was there before the start is not pushed, though: nobody listened then.
/// </remarks>
internal sealed partial class LiveFeed(
    StreamTail tail,
    Receipts receipts,
    Deletions deletions,
    TapBoard board,
    EntryBoard entries,
    PoursListeners listeners,
    LiveMetrics metrics,
    IOptions<DashboardOptions> options,
    TimeProvider time,
    ILogger<LiveFeed> logger
) : BackgroundService
{
    // Both orders matter to a listener: the stream's, and that of a pour and its receipt.
    private readonly Lock _order = new();
    private StreamId _position;
    private StreamId? _startedAt;
    private bool _subscribed;

    /// <summary>How far the stream has been read.</summary>
    public StreamId Position
    {
        get
        {
            lock (_order)
            {
                return _position;
            }
        }
    }

    /// <summary>Tells the boards and every listener what is stored.</summary>
    public void Store(IReadOnlyList<Guid> ids)
    {
        lock (_order)
        {
            PushStored([.. board.Store(ids), .. entries.Store(ids)]);
        }
    }

    /// <summary>Tells the board and every listener that pours are deleted.</summary>
    public void Delete(IEnumerable<Guid> ids)
    {
        lock (_order)
        {
            PushDeleted(board.Delete(ids));
        }
    }

    /// <summary>Takes totals of Postgres, see <see cref="TapBoard.Reconcile"/>, and tells listeners what they have missed.</summary>
    public void Reconcile(StoredBoard stored)
    {
        lock (_order)
        {
            var (newlyStored, deleted) = board.Reconcile(stored);
            PushStored(newlyStored);
            PushDeleted(deleted);
        }
    }

    /// <summary>Takes messages and events of Postgres, and tells listeners what they have missed.</summary>
    public void Reconcile(StoredEntries stored)
    {
        lock (_order)
        {
            var (missed, newlyStored) = entries.Reconcile(stored);
            foreach (var entry in missed)
            {
                Push(entry.Kind, entry.Id, EntryFrame.Of(entry, traceParent: null), isStored: true);
            }

            PushStored(newlyStored);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ConnectAsync();
                failures = 0;
                await foreach (var delivery in tail.FollowAsync(Position.ToString(), stoppingToken))
                {
                    Receive(delivery);
                }
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                board.StreamIs(up: false);
                var delay = Backoff.After(++failures, options.Value.MaxBackoff);
                LogFollowFailed(ex, failures, delay);
                await Task.Delay(delay, time, stoppingToken);
            }
        }
    }

    private async Task ConnectAsync()
    {
        if (!_subscribed)
        {
            await receipts.SubscribeAsync(receipt => Store(receipt.Ids));
            await deletions.SubscribeAsync(id => Delete([id]));
            _subscribed = true;
        }

        var end = StreamId.Parse(await tail.EndAsync());
        _startedAt ??= end;
        board.StreamIs(up: true);
        LogFollowing(Position, end);
    }

    private void Receive(Delivery delivery)
    {
        var (position, entry) = (StreamId.Parse(delivery.Position), delivery.Entry!);
        lock (_order)
        {
            var isNews = position.CompareTo(_startedAt!.Value) > 0;
            if (PourEntry.TryRead(entry, out var pour, out _))
            {
                var (isNew, isStored) = board.Receive(pour);
                if (isNew && isNews)
                {
                    Push(entry, traceParent => PourFrame.Of(pour, traceParent), isStored);
                }
            }
            else if (EntryView.Read(entry) is { } view)
            {
                var (isNew, isStored) = entries.Receive(view);
                if (isNew && isNews)
                {
                    Push(entry, traceParent => EntryFrame.Of(view, traceParent), isStored);
                }
            }

            _position = position;
        }
    }

    private void Push(IngestEntry entry, Func<string?, object> frame, bool isStored)
    {
        using var activity = LiveTelemetry.StartPush(entry);
        Push(entry.Kind, entry.Id, frame(activity?.Id ?? entry.TraceParent), isStored);
    }

    private void Push(string kind, Guid id, object frame, bool isStored)
    {
        listeners.Broadcast(kind, frame);
        metrics.Pushed(kind);
        if (isStored)
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

    [LoggerMessage(LogLevel.Information, "Following the stream from {Position}; it ends at {End} now.")]
    private partial void LogFollowing(StreamId position, StreamId end);

    [LoggerMessage(LogLevel.Error, "Following the stream failed, the {Failures}. time in a row; next try in {Delay}.")]
    private partial void LogFollowFailed(Exception exception, int failures, TimeSpan delay);
}
