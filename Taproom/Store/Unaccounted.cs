using Microsoft.EntityFrameworkCore;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>Finds what flowed through a meter and is in no pour: pours that were lost or deleted, drips, leaks, cleaning that nobody reported.</summary>
/// <remarks>Read from the pours each time, so that a pour that comes late, or a calibration, is part of it at once.</remarks>
public sealed class Unaccounted(TaproomDb db)
{
    /// <summary>Most pours that are read for one answer.</summary>
    public const int MaxPours = 100_000;

    // What flowed between two pours is known at the second; one that is further back is not looked for.
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(1);

    /// <summary>Reads it by the hours of the pours at which it was found.</summary>
    /// <param name="tapId">The tap.</param>
    /// <param name="from">Pours of this time or later.</param>
    /// <param name="to">Pours before this time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The hours in which there was some, oldest first, and how often the odometer began anew; null where there are too many pours.</returns>
    public async Task<(IReadOnlyList<UnaccountedHour> Hours, int Resets)?> ReadAsync(
        int tapId,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    )
    {
        var calibrations = await db
            .Calibrations.Where(row => row.TapId == tapId)
            .OrderBy(row => row.ValidFrom)
            .ThenBy(row => row.Id)
            .ToListAsync(cancellationToken);
        var since = from - DateTimeOffset.MinValue > LookBack ? from - LookBack : from;
        // What a meter counted is its tap's, whoever was given the pour later. Of a deleted pour the odometer is right, and the pulses belong to nothing any more.
        var pours = await db
            .Pours.IgnoreQueryFilters()
            .Where(pour => (pour.TapId == tapId && pour.ReportedTapId == null) || pour.ReportedTapId == tapId)
            .Where(pour => pour.PouredAt >= since && pour.PouredAt < to)
            .OrderBy(pour => pour.PouredAt)
            .ThenBy(pour => pour.Seq)
            .Take(MaxPours + 1)
            .Select(pour => new Metered(pour.PouredAt, pour.Odometer, pour.DeletedAt == null ? pour.Pulses : 0, pour.VolumeMl))
            .ToListAsync(cancellationToken);
        return pours.Count > MaxPours ? null : Find(pours, calibrations, from);
    }

    private static (IReadOnlyList<UnaccountedHour> Hours, int Resets) Find(List<Metered> pours, List<Calibration> calibrations, DateTimeOffset from)
    {
        var (hours, resets) = (new SortedDictionary<DateTimeOffset, UnaccountedHour>(), 0);
        var (before, poured, isKnown) = ((long?)null, 0L, true);
        foreach (var pour in pours)
        {
            var factor = Calibrations.At(calibrations, pour.At)?.PulsesPerLitre;
            var pulses = pour.Pulses ?? (factor is null ? null : (long?)decimal.Round(pour.VolumeMl * factor.Value / 1_000));
            (poured, isKnown) = (poured + (pulses ?? 0), isKnown && pulses is not null);
            if (pour.Odometer is not { } now)
            {
                continue;
            }

            if (before is not null && pour.At >= from)
            {
                var (advance, isReset) = Odometers.Advance(before.Value, now);
                resets += isReset ? 1 : 0;
                // Of a volume whose pulses nobody knows, it cannot be said what is missing.
                if (isKnown && advance != poured)
                {
                    Add(hours, pour.At, advance - poured, factor);
                }
            }

            (before, poured, isKnown) = (now, 0, true);
        }

        return ([.. hours.Values], resets);
    }

    private static void Add(SortedDictionary<DateTimeOffset, UnaccountedHour> hours, DateTimeOffset at, long pulses, decimal? factor)
    {
        var hour = new DateTimeOffset(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
        var volumeMl = factor is null ? (decimal?)null : Volumes.Round(pulses * 1_000m / factor.Value);
        var sum = hours.GetValueOrDefault(hour, new UnaccountedHour(hour, 0, 0));
        hours[hour] = new UnaccountedHour(hour, sum.Pulses + pulses, sum.VolumeMl + volumeMl);
    }

    private sealed record Metered(DateTimeOffset At, long? Odometer, long? Pulses, decimal VolumeMl);
}

/// <summary>What flowed in an hour and is in no pour.</summary>
/// <param name="Hour">When the hour began; UTC.</param>
/// <param name="Pulses">In pulses; below zero where a clock was set back between two pours of different hours.</param>
/// <param name="VolumeMl">In mL; null where the tap is not calibrated.</param>
public sealed record UnaccountedHour(DateTimeOffset Hour, long Pulses, decimal? VolumeMl);
