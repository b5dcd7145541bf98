using Taproom.Pours;
using Taproom.Store;

namespace Dashboard.Web.Board;

/// <summary>What Postgres had at one moment.</summary>
/// <param name="Totals">Totals of every tap.</param>
/// <param name="Kegs">Every keg that is on a tap.</param>
/// <param name="StoredIds">Those of the ids asked for that it had, deleted or not.</param>
/// <param name="DeletedIds">Those of them that were deleted.</param>
/// <param name="History">What was received before, where it was asked for.</param>
/// <param name="Alerts">The open alerts, the newest first, at most <see cref="AlertView.Most"/>.</param>
/// <param name="NewestEntries">Its newest messages and events that the board does not list.</param>
internal sealed record StoredBoard(
    IReadOnlyList<TapTotals> Totals,
    IReadOnlyList<Keg> Kegs,
    IReadOnlyList<Guid> StoredIds,
    IReadOnlyList<Guid> DeletedIds,
    History? History,
    IReadOnlyList<AlertView> Alerts,
    IReadOnlyList<EntryView> NewestEntries
)
{
    /// <summary>Of those of the ids asked for that it had, the volumes in mL that it derived from pulses.</summary>
    public IReadOnlyDictionary<Guid, decimal> DerivedMl { get; init; } = new Dictionary<Guid, decimal>();

    /// <summary>What is known of what is in the kegs, by the id of the keg.</summary>
    public IReadOnlyDictionary<Guid, BeverageView> Beverages { get; init; } = new Dictionary<Guid, BeverageView>();
}

/// <summary>What the board would know if it had followed the stream for long.</summary>
/// <param name="Newest">The newest pours of each tap, at most <see cref="TapRecord.MixSize"/> of each.</param>
/// <param name="Counts">Pours of the time that <see cref="TapBoard.Window"/> covers.</param>
internal sealed record History(IReadOnlyList<Pour> Newest, IReadOnlyList<PourCount> Counts);

/// <summary>How many pours of a tap were received in a part of time.</summary>
/// <param name="TapId">The tap.</param>
/// <param name="At">When that part began, UTC: a whole second within the last minute, a whole <see cref="TapRecord.ActivitySlot"/> before.</param>
/// <param name="Pours">How many.</param>
internal sealed record PourCount(int TapId, DateTimeOffset At, int Pours);
