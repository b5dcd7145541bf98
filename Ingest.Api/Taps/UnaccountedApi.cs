using System.ComponentModel;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Taps;

/// <summary>What flowed through a tap's meter and is in no pour: <c>/api/taps/{id}/unaccounted</c>.</summary>
internal static class UnaccountedApi
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(7);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    public static void MapUnaccounted(this RouteGroupBuilder taps) =>
        taps.MapGet("/{id:int}/unaccounted", GetTapUnaccounted)
            .WithSummary("Gets by the hour what flowed through the meter of a tap and is in no beer; the last week, else a month at most.")
            .ProducesProblem(422);

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
        var (start, end) = range.Or(time.GetUtcNow().AddDays(1), Usual);
        if (end - start > Longest)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "The time from 'from' to 'to' must be at most 31 days.", "from");
        }

        if (!await db.Taps.AnyAsync(tap => tap.Id == id, cancellationToken))
        {
            return Problems.NotFound($"Tap {id}");
        }

        return await unaccounted.ReadAsync(id, start, end, cancellationToken) is var (hours, resets)
            ? TypedResults.Ok(UnaccountedShape.Of(start, end, hours, resets))
            : Problems.Of(
                StatusCodes.Status422UnprocessableEntity,
                $"Tap {id} has more than {Unaccounted.MaxPours} beers of this time; ask for less of it.",
                "from"
            );
    }

    /// <summary>What flowed and is in no pour.</summary>
    internal sealed record UnaccountedShape(
        DateTimeOffset From,
        DateTimeOffset To,
        long Pulses,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        [property: Description("mL; left out where the tap is not calibrated")]
            decimal? VolumeMl,
        [property: Description("How often the odometer began anew at zero.")] int Resets,
        IReadOnlyList<HourShape> Hours
    )
    {
        public static UnaccountedShape Of(DateTimeOffset from, DateTimeOffset to, IReadOnlyList<UnaccountedHour> hours, int resets) =>
            new(
                from,
                to,
                hours.Sum(hour => hour.Pulses),
                hours.Any(hour => hour.VolumeMl is null) ? null : hours.Sum(hour => hour.VolumeMl)?.Plain(),
                resets,
                [.. hours.Select(hour => new HourShape(hour.Hour, hour.Pulses, hour.VolumeMl?.Plain()))]
            );
    }

    /// <summary>Those of an hour.</summary>
    internal sealed record HourShape(
        DateTimeOffset Hour,
        long Pulses,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        [property: Description("mL; left out where the tap is not calibrated")]
            decimal? VolumeMl
    );
}
