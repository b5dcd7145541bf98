using System.Globalization;
using System.Text.Json.Serialization;
using Ingest.Api.Answers;
using Ingest.Api.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Pours;
using Taproom.Store;

namespace Ingest.Api.Stats;

/// <summary>The resource <c>/api/stats</c>: totals and shares, read from rows that are kept with the pours, never counted.</summary>
internal static class StatsApi
{
    private const int MaxHours = 24 * 31;

    /// <summary>Maps the resource.</summary>
    public static RouteGroupBuilder MapStats(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/stats").WithTags("Stats").ProducesProblem(429).ProducesProblem(503);
        group.MapGet("", GetStats).WithName("GetStats").WithSummary("Gets totals and shares by tap and by glass type.");
        group
            .MapGet("/hourly", ListHours)
            .WithName("ListHourlyStats")
            .WithSummary("Lists the totals of each hour in which something was poured, newest first, a month at most.")
            .ProducesProblem(400);
        return group;
    }

    private static async Task<Ok<Totals>> GetStats(TaproomDb db, CancellationToken cancellationToken)
    {
        // One snapshot, so that taps and types add up to the same.
        await using var snapshot = await db.Database.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var taps = await db.Taps.Where(tap => tap.Pours > 0).OrderBy(tap => tap.Id).ToListAsync(cancellationToken);
        var glasses = await db.GlassTotals.Where(glass => glass.Pours > 0).OrderBy(glass => glass.Glass).ToListAsync(cancellationToken);
        var total = glasses.Sum(glass => glass.Pours);
        return TypedResults.Ok(
            new Totals(
                total,
                glasses.Sum(glass => glass.VolumeMl),
                [.. taps.Select(tap => new TapShare(tap.Id, tap.Pours, tap.VolumeMl, Share(tap.Pours, total)))],
                [.. glasses.Select(glass => new TypeShare(glass.Glass.Name(), glass.Pours, glass.VolumeMl, Share(glass.Pours, total)))]
            )
        );
    }

    private static async Task<Results<Ok<HourList>, ProblemHttpResult>> ListHours(
        string? from,
        string? to,
        TaproomDb db,
        CancellationToken cancellationToken
    )
    {
        if (!QueryText.TryTime("from", from, out var first, out var refusal) || !QueryText.TryTime("to", to, out var end, out refusal))
        {
            return Problems.Of(refusal!);
        }

        var hours = db.HourTotals.Where(hour => hour.Pours > 0);
        hours = first is null ? hours : hours.Where(hour => hour.Hour >= first);
        hours = end is null ? hours : hours.Where(hour => hour.Hour < end);
        var found = await hours.OrderByDescending(hour => hour.Hour).Take(MaxHours).ToListAsync(cancellationToken);
        return TypedResults.Ok(new HourList([.. found.Select(hour => new Hour(hour.Hour, hour.Pours, hour.VolumeMl))]));
    }

    private static string Share(long part, long total) => string.Create(CultureInfo.InvariantCulture, $"{100m * part / total:0.0#}%");

    /// <summary>Totals of everything poured.</summary>
    private sealed record Totals(long Pours, decimal VolumeMl, IReadOnlyList<TapShare> Taps, IReadOnlyList<TypeShare> Types);

    /// <summary>Totals of a tap, and its share of the pours.</summary>
    private sealed record TapShare(int Id, long Pours, decimal VolumeMl, string Share);

    /// <summary>Totals of a glass type, and its share of the pours.</summary>
    private sealed record TypeShare(string Type, long Pours, decimal VolumeMl, string Share);

    /// <summary>Totals of an hour, by when it was poured.</summary>
    private sealed record Hour([property: JsonPropertyName("hour")] DateTimeOffset Start, long Pours, decimal VolumeMl);

    /// <summary>Totals by hour.</summary>
    private sealed record HourList(IReadOnlyList<Hour> Hours);
}
