using Ingest.Api.Http;
using Ingest.Api.Kegs;
using Taproom.Signals;
using Taproom.Store;

namespace Ingest.Api.Taps;

/// <summary>A tap as the API shows it.</summary>
/// <param name="Id">1 or more.</param>
/// <param name="Name">Its name; null while it is known by its pours only.</param>
/// <param name="Status"><c>online</c> when it is connected to a bridge, or to a broker that bridges have joined; a tap that never was, such as one that pours over HTTP, when it has poured within the last minutes. Else <c>offline</c>.</param>
/// <param name="Pours">Number of its pours.</param>
/// <param name="VolumeMl">Sum of their volumes in mL.</param>
/// <param name="FirstSeen">When its first pour was received, UTC; null before it.</param>
/// <param name="LastSeen">When its newest pour was received, UTC; null before the first.</param>
/// <param name="Keg">The keg on it, or null.</param>
internal sealed record TapShape(
    int Id,
    string? Name,
    string Status,
    long Pours,
    decimal VolumeMl,
    DateTimeOffset? FirstSeen,
    DateTimeOffset? LastSeen,
    KegShape? Keg
)
{
    public static TapShape Of(TapTotals tap, Keg? keg, IReadOnlyDictionary<int, bool> connected, DateTimeOffset now) =>
        new(
            tap.Id,
            tap.Name,
            TapPresence.IsOnline(connected.TryGetValue(tap.Id, out var isConnected) ? isConnected : null, tap.LastSeen, now) ? "online" : "offline",
            tap.Pours,
            tap.VolumeMl.Plain(),
            tap.FirstSeen,
            tap.LastSeen,
            keg is null ? null : KegShape.Of(keg)
        );
}
