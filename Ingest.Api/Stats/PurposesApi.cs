using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Taproom.Pours;
using Taproom.Store;

namespace Ingest.Api.Stats;

/// <summary>What was poured for what: <c>/api/stats/purposes</c>.</summary>
internal static class PurposesApi
{
    // These are counted, not kept: a month at most, as the hours are listed.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    public static void MapPurposeStats(this RouteGroupBuilder stats) =>
        stats.MapGet("/purposes", ListPurposeStats).WithSummary("Lists what was poured for each purpose within a time, a month at most.");

    private static async Task<Ok<PurposeList>> ListPurposeStats(
        [AsParameters] TimeRange range,
        [FromQuery, Description("The id of a tap."), Range(1, int.MaxValue, ErrorMessage = "The parameter 'tap' must be a whole number, 1 or more.")]
            int? tap,
        TaproomDb db,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var (from, to) = Bound(range, time.GetUtcNow());
        var pours = db.Pours.Where(pour => pour.PouredAt >= from && pour.PouredAt < to);
        pours = tap is null ? pours : pours.Where(pour => pour.TapId == tap);
        var found = await pours
            .GroupBy(pour => new { pour.Purpose, pour.ProposedPurpose })
            .Select(group => new PurposeSum(group.Key.Purpose, group.Key.ProposedPurpose, group.LongCount(), group.Sum(pour => pour.VolumeMl)))
            .ToListAsync(cancellationToken);
        var purposes = found.Select(row => row.Purpose).Concat(found.Select(row => row.Proposed).OfType<Purpose>()).Distinct().Order();
        return TypedResults.Ok(
            new PurposeList(
                from,
                to,
                [
                    .. purposes.Select(purpose =>
                    {
                        List<PurposeSum> those = [.. found.Where(row => row.Purpose == purpose)];
                        List<PurposeSum> proposed = [.. found.Where(row => row.Proposed == purpose)];
                        return new PurposeTotal(
                            purpose.Name(),
                            those.Sum(row => row.Pours),
                            those.Sum(row => row.VolumeMl).Plain(),
                            proposed.Sum(row => row.Pours),
                            proposed.Sum(row => row.VolumeMl).Plain()
                        );
                    }),
                ]
            )
        );
    }

    // A clock of a tap may be a day ahead, and what it says counts.
    private static (DateTimeOffset From, DateTimeOffset To) Bound(TimeRange range, DateTimeOffset now)
    {
        var to = range.To?.Value ?? (range.From?.Value is { } start && start <= DateTimeOffset.MaxValue - Longest ? start + Longest : now.AddDays(1));
        var earliest = to >= DateTimeOffset.MinValue + Longest ? to - Longest : DateTimeOffset.MinValue;
        return (range.From?.Value is { } from && from > earliest ? from : earliest, to);
    }

    internal sealed record PurposeSum(Purpose Purpose, Purpose? Proposed, long Pours, decimal VolumeMl);

    /// <summary>Totals of a purpose.</summary>
    internal sealed record PurposeTotal(
        string Purpose,
        long Pours,
        decimal VolumeMl,
        [property: Description("Beers of other purposes that rules propose to be of this one.")] long ProposedPours,
        decimal ProposedVolumeMl
    );

    /// <summary>Totals by purpose, and the time that they are of.</summary>
    internal sealed record PurposeList(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<PurposeTotal> Purposes);
}
