using Microsoft.EntityFrameworkCore;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>Finds what flowed through a meter and is in no pour: pours that were lost or deleted, drips, leaks, cleaning that nobody reported.</summary>
/// <remarks>
/// By the rules of <see cref="MeterGaps"/>, from the pours and what is kept of the readings (<see cref="OdometerMinute"/>), each time anew: a
/// pour that comes late, or a calibration, is part of it at once, and the worker has nothing to do for it.
/// </remarks>
public sealed class Unaccounted(TaproomDb db)
{
    /// <summary>Most pours that are read for one answer.</summary>
    public const int MaxPours = 100_000;

    // What flowed between two pours is known at the second; one that is further back is not looked for.
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(1);

    /// <summary>Reads it by the hours of the pours or readings at which it was found.</summary>
    /// <param name="tapId">The tap.</param>
    /// <param name="from">Pours and readings of this time or later.</param>
    /// <param name="to">Pours and readings before this time.</param>
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
            .Take(MaxPours + 1)
            .Select(pour => new Metered(pour.PouredAt, pour.ReceivedAt, pour.Odometer, pour.DeletedAt == null ? pour.Pulses : 0, pour.VolumeMl))
            .ToListAsync(cancellationToken);
        if (pours.Count > MaxPours)
        {
            return null;
        }

        // Of a month these are at most 46,080.
        var first = since.AddTicks(-(since.Ticks % TimeSpan.TicksPerMinute));
        var minutes = await db
            .OdometerMinutes.Where(row => row.TapId == tapId && row.Minute >= first && row.FirstAt < to && row.Minute < to)
            .ToListAsync(cancellationToken);
        var (gaps, resets) = MeterGaps.Find([
            .. pours.Select(pour => new MeterSaid(pour.At, pour.ReceivedAt, pour.Odometer, PulsesOf(pour, calibrations))),
            .. minutes.Select(row => new MeterSaid(row.FirstAt, row.FirstReceivedAt, row.FirstPulses, 0)),
            .. minutes.Where(row => row.LastAt < to).Select(row => new MeterSaid(row.LastAt, row.LastReceivedAt, row.LastPulses, 0)),
        ]);
        return (HoursOf(gaps.Where(gap => gap.At >= from), calibrations), resets.Count(at => at >= from));
    }

    private static long? PulsesOf(Metered pour, List<Calibration> calibrations) =>
        pour.Pulses
        ?? (
            Calibrations.At(calibrations, pour.At) is { } calibration ? (long)decimal.Round(pour.VolumeMl * calibration.PulsesPerLitre / 1_000) : null
        );

    private static List<UnaccountedHour> HoursOf(IEnumerable<MeterGap> gaps, List<Calibration> calibrations)
    {
        var hours = new SortedDictionary<DateTimeOffset, UnaccountedHour>();
        foreach (var gap in gaps)
        {
            var hour = new DateTimeOffset(gap.At.UtcTicks - (gap.At.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
            var factor = Calibrations.At(calibrations, gap.At)?.PulsesPerLitre;
            var sum = hours.GetValueOrDefault(hour, new UnaccountedHour(hour, 0, 0));
            hours[hour] = new UnaccountedHour(hour, sum.Pulses + gap.Pulses, sum.VolumeMl + (gap.Pulses * 1_000m / factor));
        }

        // Rounded at the end: many drips are each less than what is kept of a volume.
        return
        [
            .. hours
                .Values.Where(hour => hour.Pulses != 0)
                .Select(hour => hour with { VolumeMl = hour.VolumeMl is { } volumeMl ? Volumes.Round(volumeMl) : null }),
        ];
    }

    private sealed record Metered(DateTimeOffset At, DateTimeOffset ReceivedAt, long? Odometer, long? Pulses, decimal VolumeMl);
}

/// <summary>What flowed in an hour and is in no pour.</summary>
/// <param name="Hour">When the hour began; UTC.</param>
/// <param name="Pulses">In pulses; below zero where pours have more than the meter counted.</param>
/// <param name="VolumeMl">In mL; null where the tap is not calibrated.</param>
public sealed record UnaccountedHour(DateTimeOffset Hour, long Pulses, decimal? VolumeMl);
