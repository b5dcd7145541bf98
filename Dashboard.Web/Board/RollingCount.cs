namespace Dashboard.Web.Board;

/// <summary>Counts per slot of time, over the last <paramref name="slots"/> slots.</summary>
/// <param name="slot">Length of a slot.</param>
/// <param name="slots">How many are kept.</param>
internal sealed class RollingCount(TimeSpan slot, int slots)
{
    private readonly int[] _counts = new int[slots];
    private readonly long[] _numbers = new long[slots];

    /// <summary>Counts some at an instant, one unless said otherwise. What is older than the window does not count; the future, seen by a clock that is ahead, is now.</summary>
    public void Add(DateTimeOffset at, DateTimeOffset now, int count = 1)
    {
        var number = Math.Min(Number(at), Number(now));
        if (number <= Number(now) - slots)
        {
            return;
        }

        var index = (int)(number % slots);
        if (_numbers[index] != number)
        {
            (_numbers[index], _counts[index]) = (number, 0);
        }

        _counts[index] += count;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => Array.Clear(_counts);

    /// <summary>The counts, oldest slot first.</summary>
    public int[] At(DateTimeOffset now)
    {
        var newest = Number(now);
        var counts = new int[slots];
        for (var i = 0; i < slots; i++)
        {
            var number = newest - slots + 1 + i;
            var index = (int)(number % slots);
            counts[i] = _numbers[index] == number ? _counts[index] : 0;
        }

        return counts;
    }

    private long Number(DateTimeOffset at) => at.UtcTicks / slot.Ticks;
}
