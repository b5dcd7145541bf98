using Dashboard.Web.Board;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Dashboard.Web.Components.Kegs;

/// <summary>A keg in a list.</summary>
/// <param name="Keg">The keg.</param>
/// <param name="Tint">The colour of what is in it, as CSS writes it; null where that is not known.</param>
public sealed record KegRow(Keg Keg, string? Tint);

/// <summary>What happened to a keg.</summary>
/// <param name="Keg">The keg.</param>
/// <param name="About">What is known of the beverage, or null.</param>
/// <param name="Tappings">On which taps it was, newest first.</param>
/// <param name="Readings">What was found to be left, newest first.</param>
/// <param name="Yield">What became of what was in it.</param>
/// <param name="Forecast">When it will be empty; null where nobody can tell.</param>
internal sealed record KegPast(
    Keg Keg,
    BeverageView? About,
    IReadOnlyList<KegTapping> Tappings,
    IReadOnlyList<KegReading> Readings,
    KegYield Yield,
    KegForecast? Forecast
);

/// <summary>A time that a keg was on a tap.</summary>
/// <param name="Id">Its number.</param>
/// <param name="TapId">The tap.</param>
/// <param name="TappedAt">When it was put on; UTC.</param>
/// <param name="UntappedAt">When it was taken off; UTC, null while it is on.</param>
/// <param name="TappedBy">Who put it on, by the audit; null where that does not tell. Not for everybody's eyes.</param>
/// <param name="UntappedBy">Who took it off.</param>
internal sealed record KegTapping(long Id, int TapId, DateTimeOffset TappedAt, DateTimeOffset? UntappedAt, string? TappedBy, string? UntappedBy);

/// <summary>A kind of keg that can be put on a tap.</summary>
/// <param name="Beverage">What is in it.</param>
/// <param name="SizeMl">Its size in mL.</param>
/// <param name="InStock">How many there are.</param>
/// <param name="KegId">The one that has waited longest; null where a new one is added.</param>
public sealed record KegKind(string Beverage, decimal SizeMl, int InStock, Guid? KegId);

/// <summary>Reads kegs for the pages.</summary>
internal sealed class KegBook(IServiceScopeFactory scopes)
{
    /// <summary>Ended kegs on a page.</summary>
    public const int PageSize = 50;

    /// <summary>Most kegs in stock that a page lists.</summary>
    public const int MostInStock = 200;

    private const int MostTapped = 400;
    private const int MostKinds = 12;
    private const int MostNames = 500;
    private const int MostOfStory = 50;

    /// <summary>Reads the kegs on taps, by tap, and those in stock, oldest first.</summary>
    public async Task<(IReadOnlyList<KegRow> OnTap, IReadOnlyList<KegRow> InStock)> CurrentAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        var onTap = db.Kegs.Where(keg => keg.TapId != null).OrderBy(keg => keg.TapId).Take(MostTapped);
        var inStock = db.Kegs.Where(keg => keg.TapId == null && keg.EmptiedAt == null).OrderBy(keg => keg.Seq).Take(MostInStock);
        return (await RowsAsync(db, onTap, cancellationToken), await RowsAsync(db, inStock, cancellationToken));
    }

    /// <summary>Reads a page of the kegs that have ended, the last first.</summary>
    /// <param name="before">Ended before this time; null for the last.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>One more than a page where there are more.</returns>
    public async Task<IReadOnlyList<KegRow>> EndedAsync(DateTimeOffset? before, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        var ended = db.Kegs.Where(keg => keg.TapId == null && keg.EmptiedAt != null && (before == null || keg.EmptiedAt < before));
        return await RowsAsync(db, ended.OrderByDescending(keg => keg.EmptiedAt).Take(PageSize + 1), cancellationToken);
    }

    /// <summary>Reads what happened to a keg; null when there is none.</summary>
    public async Task<KegPast?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        if (await db.Kegs.SingleOrDefaultAsync(keg => keg.Id == id, cancellationToken) is not { } keg)
        {
            return null;
        }

        var about = await db
            .Kegs.Where(row => row.Id == id)
            .Join(db.Beverages, row => row.Beverage.ToLower(), row => row.NameKey, (_, row) => row)
            .SingleOrDefaultAsync(cancellationToken);
        return new KegPast(
            keg,
            about is null ? null : BeverageView.Of(about),
            await TappingsAsync(db, id, cancellationToken),
            await db.KegReadings.Where(row => row.KegId == id).OrderByDescending(row => row.Id).Take(MostOfStory).ToListAsync(cancellationToken),
            await scope.ServiceProvider.GetRequiredService<KegYields>().ReadAsync(keg, cancellationToken),
            await scope.ServiceProvider.GetRequiredService<KegForecasts>().ReadAsync(keg, cancellationToken)
        );
    }

    /// <summary>Reads what can be put on a tap: what is in stock, what was added last, and the names of all that is offered.</summary>
    public async Task<(IReadOnlyList<KegKind> Stock, IReadOnlyList<KegKind> Recent, IReadOnlyList<string> Names)> ChoicesAsync(
        CancellationToken cancellationToken
    )
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        var stock = await db
            .Kegs.Where(keg => keg.TapId == null && keg.EmptiedAt == null)
            .OrderBy(keg => keg.Seq)
            .Take(MostInStock)
            .ToListAsync(cancellationToken);
        var names = await db
            .Beverages.Where(row => !row.IsArchived)
            .OrderBy(row => row.NameKey)
            .Take(MostNames)
            .Select(row => row.Name)
            .ToListAsync(cancellationToken);
        var newest = await db
            .Kegs.OrderByDescending(keg => keg.Seq)
            .Take(MostInStock)
            .Select(keg => new { keg.Beverage, keg.SizeMl })
            .ToListAsync(cancellationToken);
        return (
            [
                .. stock
                    .GroupBy(keg => (keg.Beverage, keg.SizeMl))
                    .Take(MostKinds)
                    .Select(kegs => new KegKind(kegs.Key.Beverage, kegs.Key.SizeMl, kegs.Count(), kegs.First().Id)),
            ],
            [
                .. newest
                    .Distinct()
                    .Where(keg => names.Contains(keg.Beverage))
                    .Take(MostKinds)
                    .Select(keg => new KegKind(keg.Beverage, keg.SizeMl, 0, KegId: null)),
            ],
            names
        );
    }

    // The audit has each call a moment before it took effect.
    private static async Task<IReadOnlyList<KegTapping>> TappingsAsync(TaproomDb db, Guid kegId, CancellationToken cancellationToken) =>
        await db
            .Database.SqlQuery<KegTapping>(
                $"""
                SELECT t.id AS "Id", t.tap_id AS "TapId", t.tapped_at AS "TappedAt", t.untapped_at AS "UntappedAt",
                    (
                        SELECT a.caller FROM audit AS a
                        WHERE a.at BETWEEN t.tapped_at - interval '5 seconds' AND t.tapped_at + interval '1 second'
                            AND a.path = '/api/taps/' || t.tap_id || '/keg' AND a.status = 200
                        ORDER BY a.at DESC LIMIT 1
                    ) AS "TappedBy",
                    (
                        SELECT a.caller FROM audit AS a
                        WHERE a.at BETWEEN t.untapped_at - interval '5 seconds' AND t.untapped_at + interval '1 second'
                            AND a.path = '/api/taps/' || t.tap_id || '/keg' AND a.status IN (200, 204)
                        ORDER BY a.at DESC LIMIT 1
                    ) AS "UntappedBy"
                FROM tappings AS t WHERE t.keg_id = {kegId} ORDER BY t.tapped_at DESC LIMIT {MostOfStory}
                """
            )
            .ToListAsync(cancellationToken);

    private static async Task<IReadOnlyList<KegRow>> RowsAsync(TaproomDb db, IQueryable<Keg> kegs, CancellationToken cancellationToken)
    {
        var found = await kegs.ToListAsync(cancellationToken);
        string[] names = [.. found.Select(keg => keg.Beverage).Distinct()];
        var colors = await db
            .Beverages.Where(row => names.Contains(row.Name) && row.ColorEbc != null)
            .ToDictionaryAsync(row => row.Name, row => BeverageView.Of(row).Tint, cancellationToken);
        return found.ConvertAll(keg => new KegRow(keg, colors.GetValueOrDefault(keg.Beverage)));
    }
}
