using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Puts many dead letters back at once.</summary>
public sealed class DeadLetterRequeue(DeadLetters letters, TimeProvider time)
{
    private const int PageSize = 100;

    // Less than anybody waits for an answer; who has more of them asks again.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Moves those that match back into the ingest stream, oldest first. One that is set aside again meanwhile is not tried twice.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="part">What the run before has left; null for all that are there now.</param>
    /// <exception cref="StreamFullException">The stream is over its high-water mark; what has gone back has.</exception>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<RequeueRun> RunAsync(DeadLetterFilter filter, RequeuePart? part = null)
    {
        var (requeued, refused, startedAt) = (0, 0, time.GetTimestamp());
        if ((part?.Last ?? await NewestAsync()) is not { } last)
        {
            return new RequeueRun(0, 0, null);
        }

        var after = part?.After;
        do
        {
            var (found, next) = await letters.FindAsync(filter, after, PageSize);
            foreach (var letter in found)
            {
                if (IsBeyond(letter.Position, last))
                {
                    return new RequeueRun(requeued, refused, null);
                }

                var outcome = letter.IsFinal ? Requeued.Refused : await letters.RequeueAsync(letter.Position);
                requeued += outcome is Requeued.Done ? 1 : 0;
                refused += outcome is Requeued.Refused ? 1 : 0;
                if (time.GetElapsedTime(startedAt) > Longest)
                {
                    return new RequeueRun(requeued, refused, letter.Position == last ? null : new RequeuePart(letter.Position, last));
                }
            }

            after = next;
            if (after is not null && time.GetElapsedTime(startedAt) > Longest)
            {
                return new RequeueRun(requeued, refused, new RequeuePart(after, last));
            }
        } while (after is not null && !IsBeyond(after, last));

        return new RequeueRun(requeued, refused, null);
    }

    private async Task<string?> NewestAsync() =>
        (await letters.FindAsync(DeadLetterFilter.All, after: null, count: 1, isNewestFirst: true)).Letters is [var newest] ? newest.Position : null;

    private static bool IsBeyond(string position, string last) => StreamId.Parse(position).CompareTo(StreamId.Parse(last)) > 0;
}

/// <summary>What became of many dead letters.</summary>
/// <param name="Requeued">How many went back.</param>
/// <param name="Refused">How many stay, because they can never be stored.</param>
/// <param name="Rest">What is left for another run; null for nothing.</param>
public sealed record RequeueRun(int Requeued, int Refused, RequeuePart? Rest);

/// <summary>A part of the stream of dead letters.</summary>
/// <param name="After">The position after which it begins.</param>
/// <param name="Last">Its last position.</param>
public sealed record RequeuePart(string After, string Last);
