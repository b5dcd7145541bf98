using Taproom.Pours;
using Taproom.Store;

namespace Dashboard.Web.Board;

/// <summary>What Postgres had at one moment.</summary>
/// <param name="Totals">Totals of every tap.</param>
/// <param name="Kegs">Every keg that is on a tap.</param>
/// <param name="StoredIds">Those of the ids asked for that it had, deleted or not.</param>
/// <param name="DeletedIds">Those of them that were deleted.</param>
/// <param name="Newest">The newest pours of each tap, at most <see cref="TapRecord.MixSize"/> of each; empty unless asked for.</param>
/// <param name="NewestEntries">Its newest messages and events that the board does not list.</param>
internal sealed record StoredBoard(
    IReadOnlyList<TapTotals> Totals,
    IReadOnlyList<Keg> Kegs,
    IReadOnlyList<Guid> StoredIds,
    IReadOnlyList<Guid> DeletedIds,
    IReadOnlyList<Pour> Newest,
    IReadOnlyList<EntryView> NewestEntries
);
