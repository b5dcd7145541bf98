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

        var glasses = Enumerable.Range(0, 10_000).Select(_ => GlassTypes.ForVolume(meter.Pour())).ToList();

        Assert.DoesNotContain(null, glasses);
        Assert.Equal(3, glasses.Distinct().Count());
    }

    [Fact]
    public void A_volume_is_a_whole_number_of_pulses()
    {
        var meter = new FlowMeter(new Random(7), FlowMeter.UsualPulsesPerLitre);

        for (var i = 0; i < 100; i++)
        {
            var pulses = meter.Pour() * 450 / 1_000;
            Assert.InRange(Math.Abs(pulses - Math.Round(pulses)), 0m, 0.05m);
        }
    }

    [Fact]
    public void The_same_seed_pours_the_same_glasses()
    {
        var (one, other) = (new FlowMeter(new Random(7), FlowMeter.UsualPulsesPerLitre), new FlowMeter(new Random(7), FlowMeter.UsualPulsesPerLitre));

        Assert.Equal(Enumerable.Range(0, 50).Select(_ => one.Pour()), Enumerable.Range(0, 50).Select(_ => other.Pour()));
    }
}
