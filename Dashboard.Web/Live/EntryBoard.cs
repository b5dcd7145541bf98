using Taproom.Ingest;

namespace Dashboard.Web.Live;

/// <summary>The newest messages and the newest activity events, in memory and bounded each for itself: many of one push out none of the other.</summary>
/// <remarks>Each id counts once, wherever it was seen first. Safe for several threads.</remarks>
internal sealed class EntryBoard
{
    private const int RememberedIds = 20_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<EntryView>> _latest = new() { [EntryKinds.Message] = [], [EntryKinds.Event] = [] };
    private readonly BoundedIdSet _received = new(RememberedIds);
    private readonly BoundedIdSet _stored = new(RememberedIds);
    private bool _isLoaded;

    /// <summary>The newest of one kind, newest first.</summary>
    public IReadOnlyList<EntryView> Latest(string kind)
    {
        lock (_lock)
        {
            return [.. _latest[kind]];
        }
    }

    /// <summary>All that is shown.</summary>
    public IReadOnlyList<EntryView> Shown()
    {
        lock (_lock)
        {
            return [.. _latest.Values.SelectMany(list => list)];
        }
    }

    /// <summary>Takes an entry from the stream.</summary>
    /// <returns>Whether its id is new, and whether a receipt for it came first.</returns>
    public (bool IsNew, bool IsStored) Receive(EntryView entry)
    {
        lock (_lock)
        {
            if (!_received.Add(entry.Id))
            {
                return (false, false);
            }

            var isStored = _stored.Contains(entry.Id);
            Show(entry with { IsStored = isStored });
            return (true, isStored);
        }
    }

    /// <summary>Marks entries as stored.</summary>
    /// <param name="ids">Their ids, received already or not.</param>
    /// <returns>Those that are on the board and were not marked before.</returns>
    public IReadOnlyList<Guid> Store(IEnumerable<Guid> ids)
    {
        lock (_lock)
        {
            foreach (var id in ids)
            {
                _stored.Add(id);
            }

            var marked = new List<Guid>();
            foreach (var list in _latest.Values)
            {
                for (var i = 0; i < list.Count; i++)
                {
                    if (!list[i].IsStored && _stored.Contains(list[i].Id))
                    {
                        list[i] = list[i] with { IsStored = true };
                        marked.Add(list[i].Id);
                    }
                }
            }

            return marked;
        }
    }

    /// <summary>Takes what Postgres had at one moment.</summary>
    /// <returns>The entries that are new here though they should have come by the stream, oldest first; and the ids that were not
    /// marked as stored before, because their receipts were missed.</returns>
    public (IReadOnlyList<EntryView> Missed, IReadOnlyList<Guid> Stored) Reconcile(StoredEntries stored)
    {
        lock (_lock)
        {
            List<EntryView> added = [.. stored.Newest.OrderBy(entry => entry.ReceivedAt).Where(entry => _received.Add(entry.Id) && Show(entry))];
            var wasLoaded = _isLoaded;
            _isLoaded = true;
            return (wasLoaded ? added : [], Store(stored.StoredIds));
        }
    }

    private bool Show(EntryView entry) => _latest[entry.Kind].InsertLatest(entry, other => other.ReceivedAt);
}
