using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Web.Push;

/// <summary>
/// The SignalR hub <c>/hubs/pours</c>. Server to client: <c>pour</c> with a <see cref="PourFrame"/>, <c>message</c> and <c>event</c>
/// with an <see cref="EntryFrame"/>, then <c>stored</c> with a <see cref="StoredFrame"/>, and <c>deleted</c> with a
/// <see cref="DeletedFrame"/>. Client to server: the methods below. Anybody may listen.
/// </summary>
/// <remarks>
/// A listener gets all that is received while it is connected, once and in stream order, and <c>stored</c> only after that. One
/// that falls too far behind is disconnected rather than sent a feed with holes. Every replica of the page follows the stream itself,
/// so a listener gets the same from each of them.
/// </remarks>
internal sealed class PoursHub(PoursListeners listeners, MissedPours missed) : Hub
{
    /// <summary>Where it is mapped.</summary>
    public const string Path = "/hubs/pours";

    private const int MostTaps = 400;

    /// <summary>From now on, only pours of some taps come to the caller, and no messages and events.</summary>
    /// <param name="tapIds">The taps, 1 to 400 of them.</param>
    /// <exception cref="HubException">There are none, too many, or no taps of such numbers.</exception>
    public void FollowTaps(IReadOnlyList<int> tapIds) =>
        listeners
            .FollowedBy(Context.ConnectionId)
            .Set(
                tapIds is { Count: > 0 and <= MostTaps } && tapIds.All(id => id >= 1)
                    ? tapIds.ToHashSet()
                    : throw new HubException($"FollowTaps takes the numbers of 1 to {MostTaps} taps, each 1 or more.")
            );

    /// <summary>From now on, everything comes to the caller again.</summary>
    public void FollowAll() => listeners.FollowedBy(Context.ConnectionId).Set(null);

    /// <summary>Streams the pours that the caller has missed, those of the taps that it follows: all since a minute before it had the one of this id.</summary>
    /// <remarks>Together with what comes since it has connected that is all there is; some come twice, and are known by their ids.</remarks>
    /// <param name="id">The id of the last pour that it had.</param>
    /// <param name="cancellationToken">Ends it, when the caller leaves.</param>
    /// <exception cref="HubException">No pour has this id, there are too many since, or a store does not answer.</exception>
    public async IAsyncEnumerable<PourFrame> PoursSince(Guid id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var followed = listeners.FollowedBy(Context.ConnectionId);
        foreach (var pour in await missed.SinceAsync(id, cancellationToken))
        {
            if (followed.Takes(pour))
            {
                yield return pour;
            }
        }
    }
}
