using Microsoft.EntityFrameworkCore;

namespace Taproom.Store;

/// <summary>When a keg will be empty, if it goes on as in the last hour.</summary>
/// <param name="LeftMl">What is left, in mL.</param>
/// <param name="Minutes">In about how many minutes.</param>
/// <param name="MinMinutes">Nine times out of ten not before.</param>
/// <param name="MaxMinutes">Nine times out of ten not after; null where the last hour does not tell.</param>
public sealed record KegForecast(decimal LeftMl, int Minutes, int MinMinutes, int? MaxMinutes)
{
    private const int FewestPours = 5;

    // Half of what lies outside of the bounds is on either side.
    private const double NinetyPercent = 1.645;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);

    // Further than a day an hour does not see.
    private static readonly TimeSpan Farthest = TimeSpan.FromDays(1);

    /// <summary>Tells it of a pace; null where too little was poured, or for too short a time, or nothing is left.</summary>
    /// <remarks>
    /// Guests come one by one and by chance, so what is poured in a time scatters as a compound Poisson process does: its variance is the sum
    /// of the squares. That of the hour that was seen and that of the time to come add up.
    /// </remarks>
    /// <param name="leftMl">What is left, in mL.</param>
    /// <param name="pours">Pours that were seen.</param>
    /// <param name="pouredMl">Sum of their volumes, in mL.</param>
    /// <param name="squares">Sum of the squares of their volumes.</param>
    /// <param name="watched">For how long.</param>
    public static KegForecast? Of(decimal leftMl, long pours, decimal pouredMl, decimal squares, TimeSpan watched)
    {
        if (pours < FewestPours || watched < Shortest || leftMl <= 0 || leftMl / pouredMl > (decimal)(Farthest / watched))
        {
            return null;
        }

        var minutes = watched.TotalMinutes * (double)(leftMl / pouredMl);
        var scatter = NinetyPercent * Math.Sqrt((double)(squares / pouredMl / pouredMl + squares / pouredMl / leftMl));
        var longest = scatter < 1 ? minutes / (1 - scatter) : double.MaxValue;
        return new KegForecast(
            leftMl,
            Math.Max(1, (int)Math.Round(minutes)),
            (int)Math.Floor(minutes / (1 + scatter)),
            longest > Farthest.TotalMinutes ? null : (int)Math.Ceiling(longest)
        );
    }
}

/// <summary>Reads the pace at which kegs go empty.</summary>
public sealed class KegForecasts(TaproomDb db, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>Reads it of a keg; null where nobody can tell, or it is on no tap.</summary>
    public async Task<KegForecast?> ReadAsync(Keg keg, CancellationToken cancellationToken)
    {
        if (keg.TapId is not { } tapId || keg.LevelMl <= 0)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var since = now - Window;
        var tappedAt = await db
            .Tappings.Where(tapping => tapping.KegId == keg.Id && tapping.UntappedAt == null)
            .MaxAsync(tapping => (DateTimeOffset?)tapping.TappedAt, cancellationToken);
        var seen = await db
            .Pours.Where(pour => pour.TapId == tapId && pour.PouredAt > since && pour.PouredAt <= now && pour.KegId == keg.Id)
            .GroupBy(_ => 1)
            .Select(pours => new
            {
                Pours = pours.LongCount(),
                PouredMl = pours.Sum(pour => pour.VolumeMl),
                Squares = pours.Sum(pour => pour.VolumeMl * pour.VolumeMl),
            })
            .SingleOrDefaultAsync(cancellationToken);
        return seen is null
            ? null
            : KegForecast.Of(keg.LevelMl, seen.Pours, seen.PouredMl, seen.Squares, now - (tappedAt > since ? tappedAt.Value : since));
    }
}
