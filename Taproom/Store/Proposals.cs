using Microsoft.EntityFrameworkCore;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>Proposes by rule what pours were for, and takes the answers of persons. A pour is what it was until one accepts.</summary>
/// <remarks>
/// Several pours are changed at a time only with their tap locked, as <see cref="PourStore"/> locks it. What a person or a rule has said
/// anything of is never proposed again.
/// </remarks>
public sealed class Proposals(TaproomDb db)
{
    // A keg ends where 5 % of it are left, and where 5 % more than it held are gone; its last pours are looked at. Foam comes in bursts: at least
    // three flows, each less than 200 mL and within a minute of the one before. What was left after a flow is what is left now and all
    // that was poured since.
    private const string KegEndSql = """
        WITH ended AS (
            SELECT DISTINCT ON (k.id) k.id, k.size_ml, k.level_ml, t.tap_id
            FROM kegs AS k JOIN tappings AS t ON t.keg_id = k.id
            WHERE k.level_ml BETWEEN -k.size_ml AND k.size_ml * 0.05 AND (t.untapped_at IS NULL OR t.untapped_at > now() - interval '1 day')
            ORDER BY k.id, t.tapped_at DESC
        ), last AS (
            SELECT p.id, p.seq, p.tap_id, p.keg_id, p.poured_at, p.purpose, p.purpose_rule, p.poured_at - lag(p.poured_at) OVER line AS since,
                p.volume_ml < 200 AND e.level_ml + sum(p.volume_ml) OVER later - p.volume_ml BETWEEN -e.size_ml * 0.05 AND e.size_ml * 0.05 AS is_short
            FROM ended AS e
            CROSS JOIN LATERAL (
                SELECT * FROM pours WHERE tap_id = e.tap_id AND keg_id = e.id AND deleted_at IS NULL ORDER BY poured_at DESC, seq DESC LIMIT 500
            ) AS p
            WINDOW later AS (PARTITION BY e.id ORDER BY p.poured_at DESC, p.seq DESC), line AS (PARTITION BY e.id ORDER BY p.poured_at, p.seq)
        ), runs AS (
            SELECT *, sum(CASE WHEN is_short AND since <= interval '1 minute' THEN 0 ELSE 1 END)
                OVER (PARTITION BY keg_id ORDER BY poured_at, seq) AS run
            FROM last
        ), counted AS (
            SELECT *, count(*) FILTER (WHERE is_short) OVER (PARTITION BY keg_id, run) AS flows FROM runs
        ), foam AS (
            SELECT id, tap_id FROM counted WHERE is_short AND flows >= 3 AND purpose = 0 AND purpose_rule IS NULL
        )
        """;

    /// <summary>Proposes foam for bursts of short flows at the ends of kegs.</summary>
    /// <returns>Of how many pours.</returns>
    public async Task<int> ProposeAsync(CancellationToken cancellationToken)
    {
        // Mostly there is none, and then nothing is locked.
        var taps = await db
            .Database.SqlQueryRaw<int>($"""{KegEndSql} SELECT DISTINCT tap_id AS "Value" FROM foam ORDER BY 1""")
            .ToListAsync(cancellationToken);
        var proposed = 0;
        foreach (var tap in taps)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await db.LockTapAsync(tap, cancellationToken);
            proposed += await db.Database.ExecuteSqlRawAsync(
                $$"""
                {{KegEndSql}}
                UPDATE pours SET proposed_purpose = 2, purpose_rule = 2
                WHERE id IN (SELECT id FROM foam WHERE tap_id = {0}) AND purpose = 0 AND purpose_rule IS NULL
                """,
                [tap],
                cancellationToken
            );
            await transaction.CommitAsync(cancellationToken);
        }

        return proposed;
    }

    /// <summary>Accepts or declines what is proposed for a pour.</summary>
    /// <returns>False when nothing is proposed for it, or it does not exist.</returns>
    public async Task<bool> AnswerAsync(Guid id, bool isAccepted, string? reason, CancellationToken cancellationToken) =>
        await AnswerAsync(db.Pours.Where(pour => pour.Id == id), isAccepted, reason, cancellationToken) > 0;

    /// <summary>Accepts or declines what is proposed for the pours of a tap.</summary>
    /// <param name="tapId">The tap.</param>
    /// <param name="from">Poured at this time or later.</param>
    /// <param name="to">Poured before this time.</param>
    /// <param name="isAccepted">Whether it is accepted; else they stay what they were.</param>
    /// <param name="reason">Why, or null.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>Of how many.</returns>
    public async Task<int> AnswerAsync(
        int tapId,
        DateTimeOffset from,
        DateTimeOffset to,
        bool isAccepted,
        string? reason,
        CancellationToken cancellationToken
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockTapAsync(tapId, cancellationToken);
        var pours = db.Pours.Where(pour => pour.TapId == tapId && pour.PouredAt >= from && pour.PouredAt < to);
        var answered = await AnswerAsync(pours, isAccepted, reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return answered;
    }

    private static Task<int> AnswerAsync(IQueryable<StoredPour> pours, bool isAccepted, string? reason, CancellationToken cancellationToken) =>
        pours
            .Where(pour => pour.ProposedPurpose != null)
            .ExecuteUpdateAsync(
                row =>
                    row.SetProperty(pour => pour.Purpose, pour => isAccepted ? pour.ProposedPurpose!.Value : pour.Purpose)
                        .SetProperty(pour => pour.PurposeReason, pour => reason ?? pour.PurposeReason)
                        .SetProperty(pour => pour.ProposedPurpose, (Purpose?)null),
                cancellationToken
            );
}
