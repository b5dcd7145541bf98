namespace Taproom.Pours;

/// <summary>Finds the pulses that a flow meter counted and no pour has.</summary>
/// <remarks>
/// Whatever says where the odometer stood, a pour at its end or a reading at any time, is put in the order of time; at one time, what says less
/// comes first. In what order, how late or how often they were received changes nothing. Then:
/// <list type="bullet">
/// <item>A pour that tells its odometer and its pulses has just these pulses, the last ones before what it says. So a reading in the middle
/// of a pour, or by a clock that differs from the tap's, misses nothing and makes nothing up.</item>
/// <item>What the odometer went on by from one to the next, and no such pour has, is missing at the time of the later one.</item>
/// <item>From that, the pulses of pours that tell no odometer are taken, by their time. Where that leaves less than nothing (a reading came in
/// the middle of such a pour), it is set off against what is missing within <see cref="Within"/>, so that the sum stays and no time has what
/// another lacks.</item>
/// <item>One that says less than the one before is out of place, and says nothing, where it was received before it too, or where the next
/// says at least as much as the one before; so a late reading does no harm. Else the meter began anew there: what it has counted since zero
/// counts, if it is below half of what was said before; if not, it is another meter, of which that is not known.</item>
/// </list>
/// </remarks>
public static class MeterGaps
{
    /// <summary>How far apart a reading and a pour can be that tell of the same flow.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromMinutes(10);

    // No pour has so many; keeps sums within 64 bits.
    private const long MostPulses = 1L << 40;

    // However many came within that time.
    private const int MostSetOff = 100;

    /// <summary>Finds them.</summary>
    /// <param name="said">What was said, in any order.</param>
    /// <returns>What is missing, in the order of time, and when the meter began anew.</returns>
    public static (IReadOnlyList<MeterGap> Gaps, IReadOnlyList<DateTimeOffset> Resets) Find(IEnumerable<MeterSaid> said)
    {
        List<MeterSaid> inOrder = [.. said.OrderBy(item => item.At).ThenBy(item => item.Odometer ?? -1)];
        var (steps, poured, resets) = Line(inOrder);
        var gaps = new List<MeterGap>(steps.Count);
        var next = 0;
        foreach (var step in steps)
        {
            var missing = step.To - step.From - Shared(poured, ref next, step) - step.OtherPulses;
            if (step.IsKnown && missing != 0)
            {
                gaps.Add(new MeterGap(step.At, missing));
            }
        }

        return (SetOff(gaps), resets);
    }

    /// <summary>Puts all on one line of pulses, which goes on where a meter begins anew.</summary>
    private static (List<Step> Steps, List<(long From, long To)> Poured, List<DateTimeOffset> Resets) Line(List<MeterSaid> inOrder)
    {
        var (steps, poured, resets) = (new List<Step>(), new List<(long From, long To)>(), new List<DateTimeOffset>());
        MeterSaid? before = null;
        var (end, start, others, isKnown) = (0L, long.MinValue / 2, 0L, true);
        for (var n = 0; n < inOrder.Count; n++)
        {
            var item = inOrder[n];
            if (item.Odometer is not { } now)
            {
                (others, isKnown) = (others + Math.Min(item.Pulses ?? 0, MostPulses), isKnown && item.Pulses is not null);
                continue;
            }

            if (before is null)
            {
                (before, others, isKnown) = (item, 0, true);
                poured.Add((-Math.Min(item.Pulses ?? 0, MostPulses), 0));
                continue;
            }

            var (pulses, isReset) = Advance(before, item, inOrder, n);
            resets.AddRange(isReset ? [item.At] : []);
            start = isReset ? end : start;
            var at = end + pulses;
            // Of a pour whose pulses nobody knows, it cannot be said what is missing.
            poured.Add((item.Pulses is { } own ? Math.Max(start, at - Math.Min(own, MostPulses)) : Math.Min(end, at), at));
            if (pulses >= 0)
            {
                steps.Add(new Step(item.At, end, at, others, isKnown));
                (before, end, others, isKnown) = (item, at, 0, true);
            }
        }

        return (steps, Joined(poured), resets);
    }

    private static (long Pulses, bool IsReset) Advance(MeterSaid before, MeterSaid now, List<MeterSaid> inOrder, int n)
    {
        var (value, said) = (before.Odometer!.Value, now.Odometer!.Value);
        var (pulses, isReset) = Odometers.Advance(value, said);
        if (said >= value || (!isReset && pulses >= 0))
        {
            return (pulses, isReset);
        }

        var next = inOrder.Skip(n + 1).FirstOrDefault(item => item.Odometer is not null)?.Odometer;
        return now.ReceivedAt < before.ReceivedAt || (next is null ? !isReset : next >= value) ? (said - value, false)
            : isReset ? (pulses, true)
            : (0, true);
    }

    private static List<(long From, long To)> Joined(List<(long From, long To)> parts)
    {
        var joined = new List<(long From, long To)>(parts.Count);
        foreach (var part in parts.Order())
        {
            if (joined.Count > 0 && part.From <= joined[^1].To)
            {
                joined[^1] = (joined[^1].From, Math.Max(joined[^1].To, part.To));
            }
            else
            {
                joined.Add(part);
            }
        }

        return joined;
    }

    // Both are in order, so each is gone through once.
    private static long Shared(List<(long From, long To)> poured, ref int next, Step step)
    {
        var shared = 0L;
        while (next < poured.Count && poured[next].From < step.To)
        {
            shared += Math.Max(0, Math.Min(poured[next].To, step.To) - Math.Max(poured[next].From, step.From));
            if (poured[next].To > step.To)
            {
                break;
            }

            next++;
        }

        return shared;
    }

    private static List<MeterGap> SetOff(List<MeterGap> gaps)
    {
        for (var n = 1; n < gaps.Count; n++)
        {
            var first = Math.Max(0, n - MostSetOff);
            for (var earlier = n - 1; earlier >= first && gaps[n].At - gaps[earlier].At <= Within && gaps[n].Pulses != 0; earlier--)
            {
                var (one, other) = (gaps[n].Pulses, gaps[earlier].Pulses);
                if (Math.Sign(one) * Math.Sign(other) < 0)
                {
                    var both = Math.Sign(one) * Math.Min(Math.Abs(one), Math.Abs(other));
                    gaps[n] = gaps[n] with { Pulses = one - both };
                    gaps[earlier] = gaps[earlier] with { Pulses = other + both };
                }
            }
        }

        gaps.RemoveAll(gap => gap.Pulses == 0);
        return gaps;
    }

    private sealed record Step(DateTimeOffset At, long From, long To, long OtherPulses, bool IsKnown);
}

/// <summary>What was said of a flow meter: by a reading, or by a pour.</summary>
/// <param name="At">When it stood there; UTC. Of a pour its end.</param>
/// <param name="ReceivedAt">When that was received; UTC.</param>
/// <param name="Odometer">All pulses that it had counted; null of a pour that did not say.</param>
/// <param name="Pulses">Those of the pour: 0 of a reading or of a deleted pour, null where nobody knows them.</param>
public sealed record MeterSaid(DateTimeOffset At, DateTimeOffset ReceivedAt, long? Odometer, long? Pulses);

/// <summary>Pulses that no pour has.</summary>
/// <param name="At">By when they were counted.</param>
/// <param name="Pulses">How many; below zero where pours have more than the meter counted.</param>
public readonly record struct MeterGap(DateTimeOffset At, long Pulses);
