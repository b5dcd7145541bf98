using Microsoft.EntityFrameworkCore;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>Changes what is known of kegs. A keg is locked before it is read, so that no pour is forgotten meanwhile.</summary>
/// <remarks>Locks are taken as <see cref="PourStore"/> takes them; nothing here needs those of taps.</remarks>
public sealed class KegStock(TaproomDb db, BeverageNames beverages)
{
    /// <summary>Changes what is given, and lets the level follow a new size.</summary>
    /// <param name="id">The keg.</param>
    /// <param name="edit">What is changed.</param>
    /// <param name="expects">Whether the caller expects this <see cref="Keg.Edition"/>; any when null.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    public async Task<KegMove> ChangeAsync(Guid id, KegEdit edit, Func<int, bool>? expects, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(id, cancellationToken) is not { } keg)
        {
            return KegMove.NoKeg;
        }

        if (expects?.Invoke(keg.Edition) is false)
        {
            return KegMove.Changed;
        }

        if (edit.IsEmptied is not null && keg.TapId is not null)
        {
            return KegMove.Elsewhere;
        }

        var beverage = edit.Beverage is { } name ? await beverages.NameAsync(name, cancellationToken) : keg.Beverage;
        var sizeMl = edit.SizeMl is { } size ? Volumes.Round(size) : keg.SizeMl;
        var tareG = edit.HasTareG ? edit.TareG : keg.TareG;
        var cost = edit.HasCost ? edit.Cost : keg.Cost;
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE kegs SET beverage = {beverage}, level_ml = level_ml + {sizeMl} - size_ml, size_ml = {sizeMl}, tare_g = {tareG}, cost = {cost},
                emptied_at = CASE WHEN {edit.IsEmptied}::boolean IS NULL THEN emptied_at WHEN {edit.IsEmptied}::boolean THEN coalesce(emptied_at, now()) END,
                edition = edition + 1
            WHERE id = {id}
            """,
            cancellationToken
        );
        await transaction.CommitAsync(cancellationToken);
        return KegMove.Done;
    }

    /// <summary>Takes what somebody found to be left in a keg for its level; the difference is kept as a correction.</summary>
    /// <param name="id">The keg.</param>
    /// <param name="leftMl">Gives what is left, in mL, of the keg as it is; null where that cannot be.</param>
    /// <param name="grossG">What it weighed, in g; null where it was not weighed.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>The reading, or null where there is no such keg or nothing was given.</returns>
    public async Task<KegReading?> CorrectAsync(Guid id, Func<Keg, decimal?> leftMl, decimal? grossG, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(id, cancellationToken) is not { } keg || leftMl(keg) is not { } given)
        {
            return null;
        }

        var left = Volumes.Round(given);
        var correctionMl = left - keg.LevelMl;
        await db.Database.ExecuteSqlAsync(
            $"UPDATE kegs SET level_ml = {left}, correction_ml = correction_ml + {correctionMl}, edition = edition + 1 WHERE id = {id}",
            cancellationToken
        );
        var reading = (
            await db
                .KegReadings.FromSql(
                    $"""
                    INSERT INTO keg_readings (keg_id, gross_g, left_ml, correction_ml, read_at)
                    VALUES ({id}, {grossG}, {left}, {correctionMl}, clock_timestamp()) RETURNING *
                    """
                )
                .ToListAsync(cancellationToken)
        ).Single();
        await transaction.CommitAsync(cancellationToken);
        return reading;
    }

    private async Task<Keg?> LockAsync(Guid id, CancellationToken cancellationToken) =>
        (await db.Kegs.FromSql($"SELECT * FROM kegs WHERE id = {id} FOR NO KEY UPDATE").ToListAsync(cancellationToken)).SingleOrDefault();
}

/// <summary>What is changed of a keg; what is null stays as it is.</summary>
public sealed record KegEdit
{
    /// <summary>What is in it.</summary>
    public string? Beverage { get; init; }

    /// <summary>Its size in mL.</summary>
    public decimal? SizeMl { get; init; }

    /// <summary>Whether <see cref="TareG"/> is changed, to null too.</summary>
    public bool HasTareG { get; init; }

    /// <summary>What it weighs when it is empty, in g.</summary>
    public decimal? TareG { get; init; }

    /// <summary>Whether <see cref="Cost"/> is changed, to null too.</summary>
    public bool HasCost { get; init; }

    /// <summary>What it cost.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Whether it is empty; a keg on a tap cannot be said to be.</summary>
    public bool? IsEmptied { get; init; }
}
