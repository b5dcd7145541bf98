namespace Tap.Simulator.Tests;

public sealed class PaceTests
{
    [Theory]
    [InlineData("17-19=1.5,19:30-23=2.5", "16:59", 1)]
    [InlineData("17-19=1.5,19:30-23=2.5", "17:00", 1.5)]
    [InlineData("17-19=1.5,19:30-23=2.5", "19:00", 1)]
    [InlineData("17-19=1.5, 19:30-23=2.5", "22:59", 2.5)]
    [InlineData("22-2=3", "23:00", 3)]
    [InlineData("22-2=3", "01:59", 3)]
    [InlineData("22-2=3", "02:00", 1)]
    [InlineData("22-24=0.5,0-24=2", "23:00", 0.5)]
    [InlineData("22-24=0.5,0-24=2", "12:00", 2)]
    [InlineData("evening", "12:00", 1)]
    [InlineData("evening", "21:00", 2.5)]
    [InlineData("evening", "00:30", 1.5)]
    [InlineData("", "21:00", 1)]
    public void The_first_range_that_holds_the_time_gives_the_factor(string text, string time, double factor)
    {
        Assert.True(RushHours.TryParse(text, out var hours));
        Assert.Equal(factor, hours.FactorAt(TimeOnly.Parse(time)));
    }

    [Theory]
    [InlineData("17-19")]
    [InlineData("17=2")]
    [InlineData("17-25=2")]
    [InlineData("17-19=0")]
    [InlineData("17-19=-1")]
    [InlineData("17-19=NaN")]
    [InlineData("morning")]
    public void Anything_else_is_no_list_of_rush_hours(string text) => Assert.False(RushHours.TryParse(text, out _));

    [Fact]
    public void A_day_of_pours_follows_the_local_clock()
    {
        // It is two hours later here than in UTC.
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 22, 0, 0, TimeSpan.Zero));
        time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("here", TimeSpan.FromHours(2), null, null));
        var options = new SimulatorOptions
        {
            Taps = 1,
            Rate = 1,
            Rush = "9-10=0.5,18-20=3",
        };
        var pace = new Pace(options, new Random(7), time);
        var pours = new int[24];
        for (var begun = time.GetUtcNow(); time.GetUtcNow() < begun.AddDays(1); )
        {
            pours[time.GetLocalNow().Hour]++;
            time.Advance(pace.UntilNext());
        }

        Assert.All(pours.Index(), hour => Assert.InRange(hour.Item / 3600.0, 0.97 * Factor(hour.Index), 1.03 * Factor(hour.Index)));

        static double Factor(int hour) =>
            hour switch
            {
                9 => 0.5,
                18 or 19 => 3,
                _ => 1,
            };
    }

    [Fact]
    public void What_a_pour_takes_does_not_slow_the_tap_down()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var pace = new Pace(new SimulatorOptions { Taps = 10, Rate = 100 }, new Random(7), time);
        var pours = 0;
        for (; time.GetUtcNow() < DateTimeOffset.UnixEpoch.AddMinutes(10); pours++)
        {
            time.Advance(pace.UntilNext() + TimeSpan.FromMilliseconds(20));
        }

        Assert.InRange(pours, 5_940, 6_060);
    }

    [Fact]
    public void A_rush_hour_that_was_started_makes_the_tap_ten_times_as_fast_for_a_minute()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var pace = new Pace(new SimulatorOptions { Taps = 1, Rate = 10 }, new Random(7), time);
        var pours = new int[3];

        pace.StartRushHour();
        while (time.GetUtcNow() < DateTimeOffset.UnixEpoch.AddMinutes(pours.Length))
        {
            pours[time.GetUtcNow().Minute]++;
            time.Advance(pace.UntilNext());
        }

        Assert.InRange(pours[0], 5_900, 6_100);
        Assert.All(pours[1..], minute => Assert.InRange(minute, 570, 630));
    }

    [Fact]
    public void However_slow_a_tap_is_its_pause_is_one_that_can_be_waited_for()
    {
        var options = new SimulatorOptions
        {
            Taps = 10_000,
            Rate = 0.001,
            Rush = "0-24=0.01",
        };

        Assert.Equal(TimeSpan.FromDays(40), new Pace(options, new Random(7), new FakeTimeProvider(DateTimeOffset.UnixEpoch)).UntilNext());
    }

    [Fact]
    public void A_tap_that_could_not_pour_for_long_makes_up_for_nothing()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var pace = new Pace(new SimulatorOptions { Taps = 1, Rate = 1 }, new Random(7), time);
        pace.UntilNext();

        time.Advance(TimeSpan.FromMinutes(1));

        Assert.InRange(pace.UntilNext(), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.5));
    }
}
