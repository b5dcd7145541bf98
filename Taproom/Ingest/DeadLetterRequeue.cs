using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Puts many dead letters back at once.</summary>
public sealed class DeadLetterRequeue(DeadLetters letters, TimeProvider time)
{
    private const int PageSize = 100;

    // Less than anybody waits for an answer; who has more of them asks again.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Moves those that match back into the ingest stream, oldest first. One that is set aside again meanwhile is not tried twice.</summary>
    /// <returns>How many went back, how many stay because they can never be stored, and whether some are left for another call.</returns>
    /// <exception cref="StreamFullException">The stream is over its high-water mark; what has gone back has.</exception>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<(int Requeued, int Refused, bool HasMore)> RunAsync(DeadLetterFilter filter)
    {
        var (requeued, refused, startedAt) = (0, 0, time.GetTimestamp());
        if ((await letters.FindAsync(DeadLetterFilter.All, after: null, count: 1, isNewestFirst: true)).Letters is not [var newest])
        {
            return (0, 0, false);
        }

        var last = StreamId.Parse(newest.Position);
        var after = (string?)null;
        do
        {
            (var found, after) = await letters.FindAsync(filter, after, PageSize);
            foreach (var letter in found)
            {
                if (StreamId.Parse(letter.Position).CompareTo(last) > 0)
                {
                    return (requeued, refused, false);
                }

                if (time.GetElapsedTime(startedAt) > Longest)
                {
                    return (requeued, refused, true);
                }

                var outcome = letter.IsFinal ? Requeued.Refused : await letters.RequeueAsync(letter.Position);
                requeued += outcome is Requeued.Done ? 1 : 0;
                refused += outcome is Requeued.Refused ? 1 : 0;
            }
        } while (after is not null && StreamId.Parse(after).CompareTo(last) < 0);

        return (requeued, refused, false);
    }
}
