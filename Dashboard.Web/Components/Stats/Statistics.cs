using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Taproom.Store;

namespace Dashboard.Web.Components.Stats;

/// <summary>What all taps have poured of late.</summary>
/// <param name="Hours">In each hour in which something was, in mL, by when that hour began, UTC; eight days and a bit.</param>
/// <param name="Taps">The taps that poured most within seven days, the first one most.</param>
/// <param name="Beverages">The beverages of which most was poured within seven days, the first one most.</param>
internal sealed record RecentTotals(
    IReadOnlyDictionary<DateTimeOffset, decimal> Hours,
    IReadOnlyList<TapVolume> Taps,
    IReadOnlyList<BeverageVolume> Beverages
);

/// <summary>What was poured of a beverage.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Pours">Number of pours.</param>
/// <param name="VolumeMl">Their volume in mL.</param>
internal sealed record BeverageVolume(string Name, long Pours, decimal VolumeMl);

/// <summary>What a tap has poured.</summary>
/// <param name="TapId">The tap.</param>
/// <param name="Pours">Number of pours.</param>
/// <param name="VolumeMl">Their volume in mL.</param>
internal sealed record TapVolume(int TapId, long Pours, decimal VolumeMl);

/// <summary>Reads totals by hour, which are kept with the pours, so that their number costs nothing.</summary>
internal sealed class Statistics(IServiceScopeFactory scopes, IMemoryCache cache, TimeProvider time)
{
    private const int Top = 10;

    // No total has the beverages, so the pours of a week are added up: not for every visitor, and not for every look.
    private static readonly TimeSpan BeveragesPeriod = TimeSpan.FromMinutes(1);

    /// <summary>Reads them.</summary>
    public async Task<RecentTotals> ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        var now = time.GetUtcNow();
        // A day more than a week, so that today can be compared with the same day of the week before, and one for the visitor's midnight.
        var (since, week) = (now.AddDays(-9), now.AddDays(-7));
        var hours = await db
            .HourTotals.Where(hour => hour.Hour > since)
            .GroupBy(hour => hour.Hour)
            .Select(taps => new { Hour = taps.Key, VolumeMl = taps.Sum(hour => hour.VolumeMl) })
            .ToDictionaryAsync(hour => hour.Hour, hour => hour.VolumeMl, cancellationToken);
        var taps = await db
            .HourTotals.Where(hour => hour.Hour > week)
            .GroupBy(hour => hour.TapId)
            .Where(hours => hours.Sum(hour => hour.Pours) > 0)
            .OrderByDescending(hours => hours.Sum(hour => hour.VolumeMl))
            .ThenBy(hours => hours.Key)
            .Select(hours => new TapVolume(hours.Key, hours.Sum(hour => hour.Pours), hours.Sum(hour => hour.VolumeMl)))
            .Take(Top)
            .ToListAsync(cancellationToken);
        var beverages = await cache.GetOrCreateAsync(
            typeof(Statistics),
            entry =>
            {
                entry.AbsoluteExpirationRelativeToNow = BeveragesPeriod;
                return BeveragesAsync(db, week, cancellationToken);
            }
        );
        return new RecentTotals(hours, taps, beverages!);
    }

    private static Task<List<BeverageVolume>> BeveragesAsync(TaproomDb db, DateTimeOffset since, CancellationToken cancellationToken) =>
        db
            .Database.SqlQuery<BeverageVolume>(
                $"""
                SELECT kegs.beverage AS "Name", sum(poured.pours)::bigint AS "Pours", sum(poured.volume_ml) AS "VolumeMl"
                FROM (
                    SELECT keg_id, count(*) AS pours, sum(volume_ml) AS volume_ml FROM pours
                    WHERE poured_at > {since} AND keg_id IS NOT NULL AND deleted_at IS NULL GROUP BY keg_id
                ) AS poured
                JOIN kegs ON kegs.id = poured.keg_id
                GROUP BY kegs.beverage
                """
            )
            .OrderByDescending(beverage => beverage.VolumeMl)
            .ThenBy(beverage => beverage.Name)
            .Take(Top)
            .ToListAsync(cancellationToken);
}
