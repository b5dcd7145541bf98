using Taproom;
using Taproom.Ingest;

namespace Dashboard.Web.Board;

/// <summary>The messages and the activity events that were received last, bounded each for itself: many of one push out none of the other.</summary>
/// <remarks>Each id counts once, wherever it was seen first. Part of <see cref="LiveBoard"/>, and guarded by it.</remarks>
internal sealed class EntryBoard
{
    private const int RememberedIds = 20_000;

    private readonly RecentSet<Guid> _received = new(RememberedIds);
    private readonly List<EntryView> _messages = [];
    private readonly List<EntryView> _events = [];
    private bool _isLoaded;

    /// <summary>The newest messages, newest first.</summary>
    public IReadOnlyList<EntryView> Messages => _messages;

    /// <summary>The newest events, newest first.</summary>
    public IReadOnlyList<EntryView> Events => _events;

    /// <summary>The ids that are listed.</summary>
    public IReadOnlyList<Guid> ListedIds => [.. _messages.Concat(_events).Select(entry => entry.Id)];

    /// <summary>Whether an id was received.</summary>
    public bool Knows(Guid id) => _received.Contains(id);

    /// <summary>Takes an entry from the stream; false when its id is known.</summary>
    public bool Receive(EntryView entry)
    {
        var isNew = _received.Add(entry.Id);
        if (isNew)
        {
            List(entry);
        }

        return isNew;
    }

    /// <summary>Takes the newest that Postgres had at one moment.</summary>
    /// <returns>Those that are new here though they should have come by the stream, oldest first.</returns>
    public IReadOnlyList<EntryView> Reconcile(IEnumerable<EntryView> newest)
    {
        List<EntryView> added = [.. newest.OrderBy(entry => entry.ReceivedAt).Where(entry => _received.Add(entry.Id) && List(entry))];
        var wasLoaded = _isLoaded;
        _isLoaded = true;
        return wasLoaded ? added : [];
    }

    private bool List(EntryView entry) => (entry.Kind == EntryKinds.Message ? _messages : _events).InsertLatest(entry, other => other.ReceivedAt);
}
