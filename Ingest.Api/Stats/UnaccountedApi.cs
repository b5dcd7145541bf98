using System.ComponentModel;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Stats;

/// <summary>What flowed through meters and is in no pour: <c>/api/taps/{id}/unaccounted</c>, and of all taps <c>/api/stats/unaccounted</c>.</summary>
internal static class UnaccountedApi
{
    private const int MostTaps = 500;

    // A month, and the hour that the clock may be put back within it.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31) + TimeSpan.FromHours(1);

    public static void MapUnaccounted(this IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/api/taps/{id:int}/unaccounted", GetTapUnaccounted)
            .WithTags("Taps")
            .WithSummary("Gets by the hour what flowed through the meter of a tap and is in no beer; the last week, else a month at most.")
            .ProducesProblem(422);
        routes
            .MapGet("/api/stats/unaccounted", ListUnaccountedStats)
            .WithTags("Stats")
            .WithSummary(
                "Lists by tap what flowed through its meter and is in no beer, where that is not nothing; the last day, else a month at most."
            )
            .ProducesProblem(422);
    }

    private static async Task<Results<Ok<UnaccountedShape>, ProblemHttpResult>> GetTapUnaccounted(
        int id,
        [AsParameters] TimeRange range,
        TaproomDb db,
        Unaccounted unaccounted,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        // A clock of a tap may be a day ahead, and what it says counts.
        var (from, to) = range.Or(time.GetUtcNow().AddDays(1), TimeSpan.FromDays(7));
        if (to - from > Longest)
        {
            return TooLong();
        }

        if (!await db.Taps.AnyAsync(tap => tap.Id == id, cancellationToken))
        {
            return Problems.NotFound($"Tap {id}");
        }

        if (await unaccounted.ReadAsync(id, from, to, cancellationToken) is not var (hours, resets))
        {
            return TooMany(id);
        }

        List<HourShape> shown = [.. hours.Select(hour => new HourShape(hour.Hour, hour.Pulses, hour.VolumeMl?.Plain()))];
        return TypedResults.Ok(new UnaccountedShape(from, to, hours.Sum(hour => hour.Pulses), VolumeOf(hours), resets, shown));
    }

    private static async Task<Results<Ok<UnaccountedList>, ProblemHttpResult>> ListUnaccountedStats(
        [AsParameters] TimeRange range,
        TaproomDb db,
        Unaccounted unaccounted,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var (from, to) = range.Or(time.GetUtcNow(), TimeSpan.FromDays(1));
        if (to - from > Longest)
        {
            return TooLong();
        }

        var taps = await db
            .Pours.IgnoreQueryFilters()
            .Where(pour => pour.PouredAt >= from && pour.PouredAt < to && pour.Odometer != null)
            .Select(pour => pour.ReportedTapId ?? pour.TapId)
            .Union(db.OdometerMinutes.Where(row => row.Minute >= from && row.Minute < to).Select(row => row.TapId))
            .OrderBy(tap => tap)
            .Take(MostTaps)
            .ToListAsync(cancellationToken);
        var found = new List<UnaccountedTap>();
        await foreach (var (tap, hours, resets) in unaccounted.ReadAsync(taps, from, to, cancellationToken))
        {
            if (hours is null)
            {
                return TooMany(tap);
            }

            if (hours.Count > 0)
            {
                found.Add(new UnaccountedTap(tap, hours.Sum(hour => hour.Pulses), VolumeOf(hours), resets));
            }
        }

        return TypedResults.Ok(new UnaccountedList(from, to, found));
    }

    private static decimal? VolumeOf(IReadOnlyList<UnaccountedHour> hours) =>
        hours.Any(hour => hour.VolumeMl is null) ? null : hours.Sum(hour => hour.VolumeMl)?.Plain();

    private static ProblemHttpResult TooLong() => Problems.Of(Refusal.Unprocessable("from", "The time from 'from' to 'to' must be at most 31 days."));

    private static ProblemHttpResult TooMany(int tap) =>
        Problems.Of(Refusal.Unprocessable("from", $"Tap {tap} has more than {Unaccounted.MaxPours} beers of this time; ask for less of it."));

    /// <summary>That of a tap.</summary>
    internal sealed record UnaccountedShape(
        DateTimeOffset From,
        DateTimeOffset To,
        long Pulses,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        [property: Description("mL; left out where the tap is not calibrated")]
            decimal? VolumeMl,
        [property: Description("How often the odometer began anew at zero.")] int Resets,
        IReadOnlyList<HourShape> Hours
    );

    /// <summary>That of an hour.</summary>
    internal sealed record HourShape(
        DateTimeOffset Hour,
        long Pulses,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        [property: Description("mL; left out where the tap is not calibrated")]
            decimal? VolumeMl
    );

    /// <summary>That of all taps.</summary>
    internal sealed record UnaccountedList(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<UnaccountedTap> Taps);

    /// <summary>The sum of a tap.</summary>
    internal sealed record UnaccountedTap(
        int TapId,
        long Pulses,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        [property: Description("mL; left out where the tap is not calibrated")]
            decimal? VolumeMl,
        [property: Description("How often the odometer began anew at zero.")] int Resets
    );
}
