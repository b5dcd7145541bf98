using System.Runtime.CompilerServices;
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
        await foreach (var found in ReadAsync([tapId], from, to, cancellationToken))
        {
            return found.Hours is { } hours ? (hours, found.Resets) : null;
        }

        return ([], 0);
    }

    /// <summary>The same of many taps, by one query; what was said of one tap at a time is in memory.</summary>
    /// <param name="taps">The taps.</param>
    /// <param name="from">Pours and readings of this time or later.</param>
    /// <param name="to">Pours and readings before this time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>By tap id, without the taps that have neither pours nor readings of that time.</returns>
    public async IAsyncEnumerable<UnaccountedOfTap> ReadAsync(
        IReadOnlyCollection<int> taps,
        DateTimeOffset from,
        DateTimeOffset to,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var calibrations = (
            await db
                .Calibrations.Where(row => taps.Contains(row.TapId))
                .OrderBy(row => row.ValidFrom)
                .ThenBy(row => row.Id)
                .ToListAsync(cancellationToken)
        ).ToLookup(row => row.TapId);
        var said = new List<Said>();
        await foreach (var row in SaidOf(taps, from, to).WithCancellation(cancellationToken))
        {
            if (said.Count > 0 && said[0].TapId != row.TapId)
            {
                yield return Find(said, [.. calibrations[said[0].TapId]], from, to);
                said.Clear();
            }

            said.Add(row);
        }

        if (said.Count > 0)
        {
            yield return Find(said, [.. calibrations[said[0].TapId]], from, to);
        }
    }

    // One index scan a tap and table, in the order of the taps. Of a month the minutes are at most 46,080.
    private IAsyncEnumerable<Said> SaidOf(IReadOnlyCollection<int> taps, DateTimeOffset from, DateTimeOffset to)
    {
        var since = from - DateTimeOffset.MinValue > LookBack ? from - LookBack : from;
        var minute = since.AddTicks(-(since.Ticks % TimeSpan.TicksPerMinute));
        const int Most = MaxPours + 1;
        // What a meter counted is its tap's, whoever was given the pour later. Of a deleted pour the odometer is right, and the pulses belong to nothing any more.
        return db
            .Database.SqlQuery<Said>(
                $"""
                SELECT t.id AS "TapId", s.*
                FROM (SELECT DISTINCT id FROM unnest({taps.ToArray()}) AS id ORDER BY id) AS t
                CROSS JOIN LATERAL (
                    (
                        SELECT
                            p.poured_at AS "At", p.received_at AS "ReceivedAt", p.odometer AS "Odometer",
                            CASE WHEN p.deleted_at IS NULL THEN p.pulses ELSE 0 END AS "Pulses", p.volume_ml AS "VolumeMl",
                            NULL::timestamptz AS "LastAt", NULL::timestamptz AS "LastReceivedAt", NULL::bigint AS "LastOdometer"
                        FROM pours AS p
                        WHERE p.tap_id = t.id AND p.reported_tap_id IS NULL AND p.poured_at >= {since} AND p.poured_at < {to}
                        LIMIT {Most}
                    )
                    UNION ALL
                    (
                        SELECT
                            p.poured_at, p.received_at, p.odometer, CASE WHEN p.deleted_at IS NULL THEN p.pulses ELSE 0 END, p.volume_ml,
                            NULL, NULL, NULL
                        FROM pours AS p
                        WHERE p.reported_tap_id = t.id AND p.poured_at >= {since} AND p.poured_at < {to}
                        LIMIT {Most}
                    )
                    UNION ALL
                    SELECT m.first_at, m.first_received_at, m.first_pulses, 0, NULL, m.last_at, m.last_received_at, m.last_pulses
                    FROM odometer_minutes AS m
                    WHERE m.tap_id = t.id AND m.minute >= {minute} AND m.minute < {to} AND m.first_at < {to}
                ) AS s
                ORDER BY t.id
                """
            )
            .AsAsyncEnumerable();
    }

    private static UnaccountedOfTap Find(List<Said> said, List<Calibration> calibrations, DateTimeOffset from, DateTimeOffset to)
    {
        if (said.Count(row => row.VolumeMl is not null) > MaxPours)
        {
            return new UnaccountedOfTap(said[0].TapId, null, 0);
        }

        var (gaps, resets) = MeterGaps.Find([
            .. said.Where(row => row.VolumeMl is not null)
                .Select(row => new MeterSaid(row.At, row.ReceivedAt, row.Odometer, PulsesOf(row, calibrations))),
            .. said.Where(row => row.VolumeMl is null).Select(row => new MeterSaid(row.At, row.ReceivedAt, row.Odometer, 0)),
            .. said.Where(row => row.LastAt < to).Select(row => new MeterSaid(row.LastAt!.Value, row.LastReceivedAt!.Value, row.LastOdometer, 0)),
        ]);
        return new UnaccountedOfTap(said[0].TapId, HoursOf(gaps.Where(gap => gap.At >= from), calibrations), resets.Count(at => at >= from));
    }

    private static long? PulsesOf(Said pour, List<Calibration> calibrations) =>
        pour.Pulses
        ?? (
            Calibrations.At(calibrations, pour.At) is { } calibration
                ? (long)decimal.Round(pour.VolumeMl!.Value * calibration.PulsesPerLitre / 1_000)
                : null
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

    // A pour, which has a volume, or a minute of readings, which has a last one.
    private sealed record Said(
        int TapId,
        DateTimeOffset At,
        DateTimeOffset ReceivedAt,
        long? Odometer,
        long? Pulses,
        decimal? VolumeMl,
        DateTimeOffset? LastAt,
        DateTimeOffset? LastReceivedAt,
        long? LastOdometer
    );
}

/// <summary>What flowed through the meter of a tap and is in no pour.</summary>
/// <param name="TapId">The tap.</param>
/// <param name="Hours">The hours in which there was some, oldest first; null where there are too many pours to tell.</param>
/// <param name="Resets">How often the odometer began anew.</param>
public sealed record UnaccountedOfTap(int TapId, IReadOnlyList<UnaccountedHour>? Hours, int Resets);

/// <summary>What flowed in an hour and is in no pour.</summary>
/// <param name="Hour">When the hour began; UTC.</param>
/// <param name="Pulses">In pulses; below zero where pours have more than the meter counted.</param>
/// <param name="VolumeMl">In mL; null where the tap is not calibrated.</param>
public sealed record UnaccountedHour(DateTimeOffset Hour, long Pulses, decimal? VolumeMl);
