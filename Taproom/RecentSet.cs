namespace Taproom;

/// <summary>Remembers the newest values that were added, up to a number of them, and forgets the oldest. Safe for concurrent use.</summary>
/// <typeparam name="T">What is remembered: an id, or an id with its kind or tap.</typeparam>
/// <param name="capacity">How many are remembered.</param>
public sealed class RecentSet<T>(int capacity)
    where T : notnull
{
    private readonly Lock _gate = new();
    private readonly HashSet<T> _values = [];
    private readonly Queue<T> _inOrder = [];

    /// <summary>Adds a value; false when it is remembered already.</summary>
    public bool Add(T value)
    {
        lock (_gate)
        {
            if (!_values.Add(value))
            {
                return false;
            }

            _inOrder.Enqueue(value);
            if (_inOrder.Count > capacity)
            {
                _values.Remove(_inOrder.Dequeue());
            }

            return true;
        }
    }

    /// <summary>Whether a value is remembered.</summary>
    public bool Contains(T value)
    {
        lock (_gate)
        {
            return _values.Contains(value);
        }
    }
}
