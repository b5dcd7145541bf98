using System.ComponentModel;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Stats;

/// <summary>What flowed through the meters of all taps and is in no pour: <c>/api/stats/unaccounted</c>.</summary>
internal static class UnaccountedStatsApi
{
    private const int MostTaps = 500;
    private static readonly TimeSpan Usual = TimeSpan.FromDays(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31) + TimeSpan.FromHours(1);

    public static void MapUnaccountedStats(this RouteGroupBuilder stats) =>
        stats
            .MapGet("/unaccounted", ListUnaccountedStats)
            .WithSummary(
                "Lists by tap what flowed through its meter and is in no beer, where that is not nothing; the last day, else a month at most."
            )
            .ProducesProblem(422);

    private static async Task<Results<Ok<UnaccountedList>, ProblemHttpResult>> ListUnaccountedStats(
        [AsParameters] TimeRange range,
        TaproomDb db,
        Unaccounted unaccounted,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var (start, end) = range.Or(time.GetUtcNow(), Usual);
        if (end - start > Longest)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "The time from 'from' to 'to' must be at most 31 days.", "from");
        }

        var taps = await db
            .Pours.IgnoreQueryFilters()
            .Where(pour => pour.PouredAt >= start && pour.PouredAt < end && pour.Odometer != null)
            .Select(pour => pour.TapId)
            .Union(db.OdometerMinutes.Where(row => row.Minute >= start && row.Minute < end).Select(row => row.TapId))
            .OrderBy(tap => tap)
            .Take(MostTaps)
            .ToListAsync(cancellationToken);
        var found = new List<UnaccountedTap>();
        foreach (var tap in taps)
        {
            if (await unaccounted.ReadAsync(tap, start, end, cancellationToken) is not var (hours, resets))
            {
                return Problems.Of(
                    StatusCodes.Status422UnprocessableEntity,
                    $"Tap {tap} has more than {Unaccounted.MaxPours} beers of this time; ask for less of it.",
                    "from"
                );
            }

            if (hours.Count > 0)
            {
                var volume = hours.Any(hour => hour.VolumeMl is null) ? null : hours.Sum(hour => hour.VolumeMl);
                found.Add(new UnaccountedTap(tap, hours.Sum(hour => hour.Pulses), volume?.Plain(), resets));
            }
        }

        return TypedResults.Ok(new UnaccountedList(start, end, found));
    }

    /// <summary>What flowed and is in no pour, by tap.</summary>
    internal sealed record UnaccountedList(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<UnaccountedTap> Taps);

    /// <summary>That of a tap.</summary>
    internal sealed record UnaccountedTap(
        int TapId,
        long Pulses,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        [property: Description("mL; left out where the tap is not calibrated")]
            decimal? VolumeMl,
        [property: Description("How often the odometer began anew at zero.")] int Resets
    );
}
