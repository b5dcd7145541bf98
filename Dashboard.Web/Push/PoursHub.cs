using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Web.Push;

/// <summary>
/// The SignalR hub <c>/hubs/pours</c>. Server to client: <c>pour</c> with a <see cref="PourFrame"/>, <c>message</c> and <c>event</c>
/// with an <see cref="EntryFrame"/>, then <c>stored</c> with a <see cref="StoredFrame"/>, and <c>deleted</c> with a
/// <see cref="DeletedFrame"/>. Client to server: nothing. Anybody may listen.
/// </summary>
/// <remarks>
/// A listener gets all that is received while it is connected, once and in stream order, and <c>stored</c> only after that. One
/// that falls too far behind is disconnected rather than sent a feed with holes.
/// </remarks>
internal sealed class PoursHub : Hub
{
    /// <summary>Where it is mapped.</summary>
    public const string Path = "/hubs/pours";
}
