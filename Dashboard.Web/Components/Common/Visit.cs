using System.Globalization;
using Dashboard.Web.Board;

namespace Dashboard.Web.Components.Common;

/// <summary>What an open page shows, and to whom.</summary>
/// <param name="Board">The board at one moment.</param>
/// <param name="Zone">The visitor's time zone; UTC until the browser has named it.</param>
/// <param name="OpenedAt">When the page was opened; null while it is not open yet.</param>
public sealed record Visit(BoardView Board, TimeZoneInfo Zone, DateTimeOffset? OpenedAt)
{
    private const int LongestZoneId = 64;

    // Longer than the animations of the style sheet take; what is older does not light up when a rush is over.
    private static readonly TimeSpan GlowTime = TimeSpan.FromSeconds(10);

    /// <summary>The time zone of an IANA id, such as <c>Europe/Berlin</c>; UTC when it is none.</summary>
    public static TimeZoneInfo ZoneOf(string? ianaId) =>
        ianaId?.Length <= LongestZoneId && TimeZoneInfo.TryFindSystemTimeZoneById(ianaId, out var zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>A moment on the visitor's clock. Beyond the years 1 to 9999, where no calendar goes, it is their first or last moment.</summary>
    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone);

    /// <summary>When something was: the time, with its date on any day but today.</summary>
    public string Clock(DateTimeOffset at) => Numbers.Clock(Local(at), Local(Board.At));

    /// <summary>A moment in full, with the offset that holds then.</summary>
    public string Moment(DateTimeOffset at) =>
        Local(at).ToString($"{Languages.Current.DateTimeFormat.ShortDatePattern} HH:mm:ss zzz", Languages.Current);

    /// <summary>What a tap is called: its name, else what is on it; null where neither is known.</summary>
    public string? NameOf(int tapId) => Board.Taps.FirstOrDefault(tap => tap.TapId == tapId) is { } tap ? tap.Name ?? tap.Keg?.Beverage : null;

    /// <summary>Whether something has just been received while the page was open, so that it is worth a glow.</summary>
    /// <remarks>In a rush nothing is: all would glow without a pause, which tells nothing and keeps the browser's processor busy.</remarks>
    public bool IsNew(DateTimeOffset? receivedAt) => receivedAt > OpenedAt && receivedAt > Board.At - GlowTime && !Board.IsRush;
}
