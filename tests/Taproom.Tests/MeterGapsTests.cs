using Taproom.Pours;
using Testing;

namespace Taproom.Tests;

/// <summary>What a meter counted and no pour has. <see cref="Fuzz"/> says how to try more.</summary>
public sealed class MeterGapsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 18, 0, 0, TimeSpan.Zero);

    [Fact]
    public void In_whatever_order_and_however_often_it_is_told_what_is_missing_is_each_pulse_that_no_pour_has_at_the_next_time_that_tells_of_it()
    {
        for (var n = 0; n < Fuzz.Count(300); n++)
        {
            var random = Fuzz.Random(n);
            var (said, missing, resets) = Evening(random, isOdometerInPours: true);
            var (gaps, found) = MeterGaps.Find(Shuffled(random, said));

            var expected = string.Join(' ', missing.Select(gap => $"{gap.Key:T}={gap.Value}"));
            var actual = string.Join(' ', gaps.Select(gap => $"{gap.At:T}={gap.Pulses}"));
            Assert.True(expected == actual, $"Seed {Fuzz.Seed}, evening {n}: {expected}; {actual}; {string.Join('\n', said)}");
            Assert.Equal(resets, found.Count);
        }
    }

    [Fact]
    public void Where_only_readings_tell_the_odometer_the_sum_is_right_and_no_time_lacks_what_another_has()
    {
        for (var n = 0; n < Fuzz.Count(300); n++)
        {
            var random = Fuzz.Random(n);
            var (said, missing, _) = Evening(random, isOdometerInPours: false);
            var gaps = MeterGaps.Find(Shuffled(random, said)).Gaps;

            Assert.Equal(missing.Sum(gap => gap.Value), gaps.Sum(gap => gap.Pulses));
            Assert.All(gaps, gap => Assert.True(gap.Pulses > 0, $"{Fuzz.Seed}, {n}: {gap}"));
        }
    }

    [Fact]
    public void A_reading_in_the_middle_of_a_pour_or_by_another_clock_neither_finds_nor_hides_anything()
    {
        // The pour is from 1,100 to 1,300, and 20 pulses dripped after it.
        MeterSaid pour = new(At(10), At(10), 1_300, 200);
        Assert.Equal([(12, 20)], Found(Reading(0, 1_100), pour, Reading(12, 1_320)));
        Assert.Equal([(12, 20)], Found(Reading(0, 1_100), Reading(9, 1_180), pour, Reading(12, 1_320)));
        // By the clock of whoever stamped it, it was read before the pour, with all of it in.
        Assert.Equal([(9, 20)], Found(Reading(0, 1_100), Reading(9, 1_320), pour, Reading(12, 1_320)));
        // The pour tells no odometer, and the hour is full between the two readings: the rest is where it was first seen.
        Assert.Equal([(59, 20)], Found(Reading(50, 1_100), Reading(59, 1_180), new MeterSaid(At(60), At(60), null, 200), Reading(62, 1_320)));
    }

    [Fact]
    public void What_goes_back_is_late_or_another_meter()
    {
        // It was received before the one that says more.
        Assert.Equal(
            [(5, 10)],
            Found(Reading(0, 5_000), new MeterSaid(At(5), At(5), 5_010, 0), new MeterSaid(At(6), At(1), 2_000, 0), Reading(7, 5_010))
        );
        // The next goes on where the one before was.
        Assert.Equal([(5, 10), (7, 5)], Found(Reading(0, 5_000), Reading(5, 5_010), Reading(6, 4_000), Reading(7, 5_015)));
        // A meter that began anew: 30 since zero. Another one, of which nobody knows what it has counted: only what comes then.
        Assert.Equal([(6, 30), (7, 4)], Found(Reading(0, 5_000), Reading(6, 30), Reading(7, 34)));
        Assert.Equal([(7, 4)], Found(Reading(0, 5_000), Reading(6, 4_000), Reading(7, 4_004)));
        Assert.Equal([(7, 4)], Found(Reading(0, 5_000), Reading(6, 900_000_000), Reading(7, 900_000_004)));
        Assert.Equal([(6, 10)], Found(Reading(0, (1L << 32) - 4), Reading(6, 6)));
    }

    [Fact]
    public void No_number_of_a_device_is_too_large()
    {
        long[] numbers = [0, 1, long.MaxValue, 1L << 32, (1L << 32) - 1, long.MaxValue / 2];
        for (var n = 0; n < 200; n++)
        {
            var random = Fuzz.Random(n);
            MeterGaps.Find([
                .. Enumerable
                    .Range(0, 50)
                    .Select(_ => new MeterSaid(At(random.Next(100)), At(random.Next(100)), Any(random), random.Next(3) == 0 ? null : Any(random))),
            ]);
        }

        long Any(Random random) => numbers[random.Next(numbers.Length)];
    }

    private static MeterSaid Reading(double minute, long odometer) => new(At(minute), At(minute), odometer, 0);

    private static IEnumerable<(int, long)> Found(params MeterSaid[] said) =>
        MeterGaps.Find(said).Gaps.Select(gap => ((int)(gap.At - Start).TotalMinutes, gap.Pulses));

    private static DateTimeOffset At(double minutes) => Start.AddMinutes(minutes);

    private static List<MeterSaid> Shuffled(Random random, List<MeterSaid> said)
    {
        List<MeterSaid> told = [.. said, .. said.Where(item => item.Pulses == 0 && random.Next(4) == 0)];
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(told));
        return told;
    }

    /// <summary>An evening of single pulses: each is a pour's or nobody's.</summary>
    /// <returns>What is said, what is missing by the time of the next that tells of it, and how often the meter began anew.</returns>
    private static (List<MeterSaid> Said, SortedDictionary<DateTimeOffset, long> Missing, int Resets) Evening(Random random, bool isOdometerInPours)
    {
        var (said, missing) = (new List<MeterSaid>(), new SortedDictionary<DateTimeOffset, long>());
        var (odometer, nobodys, resets, seconds) = (random.Next(3) == 0 ? (1L << 32) - random.Next(1, 2_000) : random.Next(2_000, 90_000), 0L, 0, 0);
        Say(0);
        for (var n = random.Next(1, 40); n > 0; n--)
        {
            seconds += random.Next(1, 400);
            switch (random.Next(isOdometerInPours ? 5 : 4))
            {
                case 0:
                    Drip(random.Next(1, 60));
                    break;
                case 1:
                    Say(0);
                    break;
                case 2:
                    // A pour, with a reading in the middle of it or not.
                    var (first, second) = (random.Next(1, 200), random.Next(1, 200));
                    Count(first);
                    if (random.Next(2) == 0)
                    {
                        said.Add(new MeterSaid(Start.AddSeconds(seconds), Start.AddSeconds(seconds), odometer, 0));
                        missing[Start.AddSeconds(seconds)] = nobodys;
                        nobodys = 0;
                        seconds += random.Next(1, 20);
                    }

                    Count(second);
                    if (isOdometerInPours)
                    {
                        Say(first + second);
                    }
                    else
                    {
                        said.Add(new MeterSaid(Start.AddSeconds(seconds), Start.AddSeconds(seconds), null, first + second));
                        seconds += random.Next(1, 20);
                        Say(0);
                    }

                    break;
                case 3:
                    // A pour that was lost.
                    Drip(random.Next(50, 400));
                    break;
                default:
                    // What dripped since the last word of it, nobody can know any more. One that had counted little could be late, one of nearly 32 bits full.
                    if (odometer is > 20_000 and < 1L << 31 && said[^1].Odometer == odometer)
                    {
                        odometer = 0;
                        Drip(random.Next(1, 100));
                        Say(0);
                        resets++;
                    }

                    break;
            }
        }

        Say(0);
        return (said, new(missing.Where(item => item.Value != 0).ToDictionary()), resets);

        void Count(int pulses) => odometer = odometer + pulses >= 1L << 32 ? odometer + pulses - (1L << 32) : odometer + pulses;

        void Drip(int pulses)
        {
            Count(pulses);
            nobodys += pulses;
        }

        void Say(long pulses)
        {
            seconds++;
            said.Add(new MeterSaid(Start.AddSeconds(seconds), Start.AddSeconds(seconds), odometer, pulses));
            missing[Start.AddSeconds(seconds)] = nobodys;
            nobodys = 0;
        }
    }
}
