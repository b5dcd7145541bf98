namespace Dashboard.Web.Live;

/// <summary>The ids of the last pours of some kind; beyond its capacity the oldest are forgotten.</summary>
internal sealed class BoundedIdSet(int capacity)
{
    private readonly HashSet<Guid> _ids = [];
    private readonly Queue<Guid> _order = new();

    /// <summary>Adds an id; false when it is in.</summary>
    public bool Add(Guid id)
    {
        if (!_ids.Add(id))
        {
            return false;
        }

        _order.Enqueue(id);
        if (_order.Count > capacity)
        {
            _ids.Remove(_order.Dequeue());
        }

        return true;
    }

    /// <summary>Whether an id is in.</summary>
    public bool Contains(Guid id) => _ids.Contains(id);
}
