using System.Globalization;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Pours;
using Taproom.Store;

namespace Ingest.Api.Stats;

/// <summary>The resource <c>/api/stats</c>: totals and shares, read from rows that are kept with the pours, never counted.</summary>
internal static class StatsApi
{
    private const int MaxHours = 24 * 31;

    public static void AddStats(this IHostApplicationBuilder builder) => builder.Services.AddScoped<VarianceRows>();

    public static void MapStats(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/stats").WithTags("Stats");
        group.MapGet("", GetStats).WithSummary("Gets totals and shares by tap and by glass type.");
        group
            .MapGet("/hourly", ListHourlyStats)
            .WithSummary("Lists the totals of each hour in which something was poured, newest first, a month at most.");
        group.MapPurposeStats();
        group.MapVariance();
        routes.MapUnaccounted();
    }

    private static async Task<Ok<Totals>> GetStats(TaproomDb db, CancellationToken cancellationToken)
    {
        // One snapshot, so that taps and types add up to the same.
        await using var snapshot = await db.Database.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var taps = await db.Taps.Where(tap => tap.Pours > 0).OrderBy(tap => tap.Id).ToListAsync(cancellationToken);
        var glasses = await db
            .GlassTotals.GroupBy(glass => glass.Glass)
            .Select(taps => new
            {
                Glass = taps.Key,
                Pours = taps.Sum(glass => glass.Pours),
                VolumeMl = taps.Sum(glass => glass.VolumeMl),
            })
            .Where(glass => glass.Pours > 0)
            .OrderBy(glass => glass.Glass)
            .ToListAsync(cancellationToken);
        var total = glasses.Sum(glass => glass.Pours);
        return TypedResults.Ok(
            new Totals(
                total,
                glasses.Sum(glass => glass.VolumeMl).Plain(),
                [.. taps.Select(tap => new TapShare(tap.Id, tap.Pours, tap.VolumeMl.Plain(), Share(tap.Pours, total)))],
                [.. glasses.Select(glass => new TypeShare(glass.Glass.Name(), glass.Pours, glass.VolumeMl.Plain(), Share(glass.Pours, total)))]
            )
        );
    }

    private static async Task<Ok<HourList>> ListHourlyStats([AsParameters] TimeRange range, TaproomDb db, CancellationToken cancellationToken)
    {
        var found = await range
            .Of(db.HourTotals.Where(hour => hour.Pours > 0), hour => hour.Hour)
            .GroupBy(hour => hour.Hour)
            .OrderByDescending(taps => taps.Key)
            .Take(MaxHours)
            .Select(taps => new
            {
                Start = taps.Key,
                Pours = taps.Sum(hour => hour.Pours),
                VolumeMl = taps.Sum(hour => hour.VolumeMl),
            })
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new HourList([.. found.Select(hour => new Hour(hour.Start, hour.Pours, hour.VolumeMl.Plain()))]));
    }

    private static string Share(long part, long total) => string.Create(CultureInfo.InvariantCulture, $"{100m * part / total:0.0#}%");

    /// <summary>Totals of everything poured.</summary>
    internal sealed record Totals(long Pours, decimal VolumeMl, IReadOnlyList<TapShare> Taps, IReadOnlyList<TypeShare> Types);

    /// <summary>Totals of a tap, and its share of the pours.</summary>
    internal sealed record TapShare(int Id, long Pours, decimal VolumeMl, string Share);

    /// <summary>Totals of a glass type, and its share of the pours.</summary>
    internal sealed record TypeShare(string Type, long Pours, decimal VolumeMl, string Share);

    /// <summary>Totals of an hour, by when it was poured.</summary>
    internal sealed record Hour([property: JsonPropertyName("hour")] DateTimeOffset Start, long Pours, decimal VolumeMl);

    /// <summary>Totals by hour.</summary>
    internal sealed record HourList(IReadOnlyList<Hour> Hours);
}
