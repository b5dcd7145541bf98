using Taproom.Pours;

namespace Tap.Simulator.Tests;

public sealed class FlowMeterTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(FlowMeter.UsualPulsesPerLitre)]
    [InlineData(5_880)]
    public void Every_pour_fills_a_glass_and_all_glasses_occur_however_the_meter_is_calibrated(int pulsesPerLitre)
    {
        var meter = new FlowMeter(new Random(7), pulsesPerLitre);

        var glasses = Enumerable.Range(0, 10_000).Select(_ => GlassTypes.ForVolume(meter.Pour().VolumeMl)).ToList();

        Assert.DoesNotContain(null, glasses);
        Assert.Equal(3, glasses.Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.4)]
    public void A_volume_is_a_whole_number_of_pulses_that_the_odometer_counts_and_takes_its_time(double part)
    {
        var meter = new FlowMeter(new Random(7), FlowMeter.UsualPulsesPerLitre, odometer: 5_000);
        var odometer = 5_000L;

        for (var i = 0; i < 100; i++)
        {
            var poured = meter.Pour(part);
            odometer += poured.Pulses;

            Assert.Equal(Math.Round(poured.Pulses * 1_000m / 450, 1), poured.VolumeMl);
            Assert.InRange((double)poured.VolumeMl, 242 * part, 990 * part);
            Assert.Equal(odometer, poured.Odometer);
            Assert.InRange((double)poured.VolumeMl * 60 / poured.DurationMs, 1.99, 3.01);
        }
    }

    [Fact]
    public void The_same_seed_pours_the_same_glasses()
    {
        var (one, other) = (new FlowMeter(new Random(7), FlowMeter.UsualPulsesPerLitre), new FlowMeter(new Random(7), FlowMeter.UsualPulsesPerLitre));

        Assert.Equal(Enumerable.Range(0, 50).Select(_ => one.Pour()), Enumerable.Range(0, 50).Select(_ => other.Pour()));
    }
}
