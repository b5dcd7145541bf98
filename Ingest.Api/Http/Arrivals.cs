using Taproom.Ingest;

namespace Ingest.Api.Http;

/// <summary>Bridges the moment between accepting something and storing it, for who asks for it by id.</summary>
internal sealed class Arrivals(IngestStream stream, StorePatience patience, TimeProvider time)
{
    private static readonly TimeSpan StoredWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(160);

    /// <summary>Finds what is stored; an id that was accepted of late and is not stored yet is waited for, up to two seconds.</summary>
    /// <param name="kind">Its kind, one of <see cref="EntryKinds"/>.</param>
    /// <param name="id">The id.</param>
    /// <param name="find">Asks the store.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<T?> FindAsync<T>(string kind, Guid id, Func<Task<T?>> find, CancellationToken cancellationToken)
        where T : class
    {
        var startedAt = time.GetTimestamp();
        var found = await find();
        if (found is not null || await stream.FindRecentAsync(kind, id, cancellationToken) is null)
        {
            return found;
        }

        patience.Add(StoredWithin);
        // At least once more, however long the first look took: it may have begun before what is stored by now.
        var delay = FirstDelay;
        do
        {
            await Task.Delay(delay, time, cancellationToken);
            delay = delay < LongestDelay ? 2 * delay : LongestDelay;
            found = await find();
        } while (found is null && time.GetElapsedTime(startedAt) < StoredWithin);

        return found;
    }
}
