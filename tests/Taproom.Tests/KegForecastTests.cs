using Taproom.Pours;
using Taproom.Store;

namespace Taproom.Tests;

public sealed class KegForecastTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void The_end_of_a_keg_is_told_from_the_pace_with_bounds_that_narrow_with_what_was_seen()
    {
        // 24 pours of half a litre an hour, 9 L left: 45 minutes.
        var busy = KegForecast.Of(9_000, 24, 12_000, 24 * 250_000m, Hour)!;
        Assert.Equal(45, busy.Minutes);
        Assert.InRange(busy.MinMinutes, 25, 44);
        Assert.InRange(busy.MaxMinutes!.Value, 46, 130);
        // The same pace of fewer, larger pours says less.
        var quiet = KegForecast.Of(9_000, 12, 12_000, 12 * 1_000_000m, Hour)!;
        Assert.Equal(45, quiet.Minutes);
        Assert.True(quiet.MinMinutes < busy.MinMinutes && (quiet.MaxMinutes ?? int.MaxValue) > busy.MaxMinutes);
        // Of the last glass nobody knows when its guest comes.
        Assert.Equal(
            (3, (int?)null),
            (KegForecast.Of(500, 20, 10_000, 20 * 250_000m, Hour)!.Minutes, KegForecast.Of(500, 20, 10_000, 20 * 250_000m, Hour)!.MaxMinutes)
        );
    }

    [Theory]
    [InlineData(9_000, 4, 2_000, 60)]
    [InlineData(9_000, 24, 12_000, 9)]
    [InlineData(0, 24, 12_000, 60)]
    [InlineData(-500, 24, 12_000, 60)]
    [InlineData(1_000_000_000, 5, 500, 60)]
    public void Nothing_is_told_where_too_little_is_known(int leftMl, int pours, int pouredMl, int minutes) =>
        Assert.Null(KegForecast.Of(leftMl, pours, pouredMl, pouredMl * 500m, TimeSpan.FromMinutes(minutes)));

    [Theory]
    [InlineData(0, "#ffe699")]
    [InlineData(8, "#ffbf42")]
    [InlineData(79, "#36080a")]
    [InlineData(1_000, "#36080a")]
    public void A_colour_in_EBC_has_one_for_the_screen(int ebc, string tint) => Assert.Equal(tint, BeerColor.Tint(ebc));
}
