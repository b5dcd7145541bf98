using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Dashboard.Web.Components.Stats;

/// <summary>What all taps have poured of late.</summary>
/// <param name="Hours">In each hour in which something was, in mL, by when that hour began, UTC; eight days and a bit.</param>
/// <param name="Taps">The taps that poured most within seven days, the first one most.</param>
internal sealed record RecentTotals(IReadOnlyDictionary<DateTimeOffset, decimal> Hours, IReadOnlyList<TapVolume> Taps);

/// <summary>What a tap has poured.</summary>
/// <param name="TapId">The tap.</param>
/// <param name="Pours">Number of pours.</param>
/// <param name="VolumeMl">Their volume in mL.</param>
internal sealed record TapVolume(int TapId, long Pours, decimal VolumeMl);

/// <summary>Reads totals by hour, which are kept with the pours, so that their number costs nothing.</summary>
internal sealed class Statistics(IServiceScopeFactory scopes, TimeProvider time)
{
    private const int TopTaps = 10;

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
        var top = await db
            .HourTotals.Where(hour => hour.Hour > week)
            .GroupBy(hour => hour.TapId)
            .Select(hours => new
            {
                TapId = hours.Key,
                Pours = hours.Sum(hour => hour.Pours),
                VolumeMl = hours.Sum(hour => hour.VolumeMl),
            })
            .Where(tap => tap.Pours > 0)
            .OrderByDescending(tap => tap.VolumeMl)
            .ThenBy(tap => tap.TapId)
            .Take(TopTaps)
            .ToListAsync(cancellationToken);
        return new RecentTotals(hours, top.ConvertAll(tap => new TapVolume(tap.TapId, tap.Pours, tap.VolumeMl)));
    }
}
