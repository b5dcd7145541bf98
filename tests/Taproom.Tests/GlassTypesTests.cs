using System.Globalization;
using Taproom.Pours;

namespace Taproom.Tests;

public sealed class GlassTypesTests
{
    [Theory]
    [InlineData("100", GlassType.Half)]
    [InlineData("300", GlassType.Half)]
    [InlineData("300.001", GlassType.Pint)]
    [InlineData("800", GlassType.Pint)]
    [InlineData("800.5", GlassType.Stein)]
    [InlineData("1000", GlassType.Stein)]
    public void A_volume_within_a_closed_range_fills_its_glass(string volumeMl, GlassType glass) =>
        Assert.Equal(glass, GlassTypes.ForVolume(Parse(volumeMl)));

    [Theory]
    [InlineData("99.999")]
    [InlineData("1000.0001")]
    [InlineData("0")]
    [InlineData("-5")]
    public void A_volume_outside_every_range_fills_none(string volumeMl) => Assert.Null(GlassTypes.ForVolume(Parse(volumeMl)));

    [Fact]
    public void A_glass_is_read_back_by_its_name_and_by_nothing_else()
    {
        Assert.All(Enum.GetValues<GlassType>(), glass => Assert.Equal(glass, GlassTypes.Parse(glass.Name())));
        Assert.Null(GlassTypes.Parse("Pint"));
        Assert.Null(GlassTypes.Parse("2"));
        Assert.Null(GlassTypes.Parse(null));
    }

    private static decimal Parse(string number) => decimal.Parse(number, CultureInfo.InvariantCulture);
}
