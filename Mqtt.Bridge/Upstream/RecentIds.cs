namespace Mqtt.Bridge.Upstream;

/// <summary>The newest ids that were added, up to a number of them. Safe for concurrent use.</summary>
/// <param name="capacity">How many are remembered.</param>
internal sealed class RecentIds(int capacity)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Guid> _ids = [];
    private readonly Queue<Guid> _inOrder = [];

    /// <summary>Remembers an id, and forgets the oldest where there are too many.</summary>
    public void Add(Guid id)
    {
        lock (_gate)
        {
            if (_ids.Add(id))
            {
                _inOrder.Enqueue(id);
                if (_inOrder.Count > capacity)
                {
                    _ids.Remove(_inOrder.Dequeue());
                }
            }
        }
    }

    /// <summary>Those of the given ids that are remembered.</summary>
    public IReadOnlyList<Guid> Among(IEnumerable<Guid> ids)
    {
        lock (_gate)
        {
            return [.. ids.Where(_ids.Contains)];
        }
    }
}
