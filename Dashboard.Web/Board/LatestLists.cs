namespace Dashboard.Web.Board;

/// <summary>Lists of what came last, newest first and bounded.</summary>
internal static class LatestLists
{
    /// <summary>How many are kept and shown.</summary>
    public const int Size = 50;

    /// <summary>Inserts an item at its place in time.</summary>
    /// <returns>False when it is older than all that is kept.</returns>
    public static bool InsertLatest<T>(this List<T> list, T item, Func<T, DateTimeOffset> at)
    {
        // Almost always 0: only what Postgres had before comes out of order.
        var index = list.FindIndex(other => at(other) <= at(item));
        index = index < 0 ? list.Count : index;
        if (index == Size)
        {
            return false;
        }

        list.Insert(index, item);
        if (list.Count > Size)
        {
            list.RemoveAt(Size);
        }

        return true;
    }
}
