using Tap.Simulator.Evening;

namespace Tap.Simulator.Tests;

public sealed class EveningTapTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 18, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_one_seed_an_evening_is_the_same_whenever_it_is_and_each_pulse_of_it_is_known()
    {
        foreach (var index in Enumerable.Range(0, 8))
        {
            var (first, second) = (Play(index, Start), Play(index, Start.AddDays(1)));
            Assert.Equal(
                first.Pours.Select(pour => (pour.Start - Start, pour.Pulses, pour.Kind)),
                second.Pours.Select(pour => (pour.Start - Start.AddDays(1), pour.Pulses, pour.Kind))
            );
            Assert.Equal(first.UnaccountedPulses, second.UnaccountedPulses);
            var odometers = first.Messages().OfType<TapReading>().Select(reading => reading.Odometer).ToList();
            var counted = first.Pours.Sum(pour => pour.Pulses) + first.UnaccountedPulses;
            if (first.Resets == 0)
            {
                // One of them is full at 32 bits on the way.
                Assert.Equal(counted, odometers[^1] - odometers[0] + (odometers[^1] < odometers[0] ? 1L << 32 : 0));
            }
            else
            {
                Assert.Contains(odometers.Zip(odometers.Skip(1)), pair => pair.Second < pair.First);
            }
        }
    }

    [Fact]
    public void Each_tap_has_its_own_cause_and_the_till_forgets_one_sale_in_fifty()
    {
        List<EveningTap> taps = [.. Enumerable.Range(0, 8).Select(index => Play(index, Start))];
        Assert.Equal([true, false, false, false, false, false, false, false], taps.Select(tap => Math.Abs(tap.MiscountedMl) > 100));
        Assert.Equal([false, true, true, false, false, false, false, false], taps.Select(tap => tap.UnaccountedMl > 100));
        Assert.Equal([false, false, false, true, false, false, false, false], taps.Select(tap => tap.FoamMl > 100));
        var glasses = taps.SelectMany(tap => tap.Pours).Where(pour => pour.Kind != EveningPourKind.Foam).ToList();
        Assert.InRange(glasses.Count(pour => pour.Kind == EveningPourKind.Forgotten), glasses.Count / 80, glasses.Count / 30);
    }

    private static EveningTap Play(int index, DateTimeOffset start) =>
        new(index, start, new EveningOptions(), new SimulatorOptions { FirstTap = 300, Seed = 7 });
}
