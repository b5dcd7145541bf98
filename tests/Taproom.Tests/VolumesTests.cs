using System.Text;
using Taproom.Pours;
using Taproom.Reports;

namespace Taproom.Tests;

public sealed class VolumesTests
{
    [Theory]
    [InlineData("473.3333333333333333333333333", "473.333", GlassType.Pint)]
    [InlineData("100", "100", GlassType.Half)]
    [InlineData("300", "300", GlassType.Half)]
    [InlineData("300.0005", "300.000", GlassType.Half)]
    [InlineData("300.0015", "300.002", GlassType.Pint)]
    [InlineData("300.001", "300.001", GlassType.Pint)]
    [InlineData("800", "800", GlassType.Pint)]
    [InlineData("800.5", "800.5", GlassType.Stein)]
    [InlineData("999.9999", "1000", GlassType.Stein)]
    [InlineData("1e3", "1000", GlassType.Stein)]
    [InlineData("300.00050000000000000000000000000000000001", "300.001", GlassType.Pint)]
    [InlineData("300.00149999999999999999999999999999999999", "300.001", GlassType.Pint)]
    [InlineData("299.99999999999999999999999999999999999999", "300", GlassType.Half)]
    [InlineData("100.00000000000000000000000000000000000000", "100", GlassType.Half)]
    [InlineData("0.000000000000000000000000000000000473e36", "473", GlassType.Pint)]
    [InlineData("473000000000000000000000000000000000000e-36", "473", GlassType.Pint)]
    public void A_volume_is_rounded_half_to_even_to_a_thousandth_of_a_millilitre(string sent, string kept, GlassType glass)
    {
        Assert.True(PourReport.TryParse(Encoding.UTF8.GetBytes($$"""{"volume":{{sent}}}"""), out var report, out _));

        var pour = report.ToPour(Guid.NewGuid(), 7, DateTimeOffset.UtcNow);
        Assert.Equal(decimal.Parse(kept, System.Globalization.CultureInfo.InvariantCulture), pour.VolumeMl);
        Assert.Equal(glass, pour.Glass);
    }

    [Theory]
    [InlineData(213, "450", "473.333")]
    [InlineData(45, "450", "100")]
    [InlineData(450, "450", "1000")]
    [InlineData(1, "10", "100")]
    [InlineData(1_000_000, "1000000", "1000")]
    [InlineData(4001, "8000", "500.125")]
    // Halves of a thousandth, up and down to even.
    [InlineData(320_001, "640000", "500.002")]
    [InlineData(320_003, "640000", "500.005")]
    [InlineData(200_001, "400000", "500.002")]
    [InlineData(200_003, "400000", "500.008")]
    [InlineData(44, "450", null)]
    [InlineData(451, "450", null)]
    [InlineData(1_000_001, "1000000.9", null)]
    public void Pulses_stand_for_a_volume_rounded_as_volumes_are(long pulses, string pulsesPerLitre, string? volumeMl) =>
        Assert.Equal(
            volumeMl is null ? (decimal?)null : decimal.Parse(volumeMl, System.Globalization.CultureInfo.InvariantCulture),
            Volumes.OfPulses(pulses, decimal.Parse(pulsesPerLitre, System.Globalization.CultureInfo.InvariantCulture))
        );

    [Theory]
    [InlineData("99.999")]
    [InlineData("99.9999")]
    [InlineData("1000.0001")]
    [InlineData("1000.000000000000000000000000000001")]
    [InlineData("99.99999999999999999999999999999999999999")]
    [InlineData("100000000000000000000000000000000000000.5")]
    [InlineData("-473.00000000000000000000000000000000000000")]
    [InlineData("1e-99999999999999999999")]
    [InlineData("0e99999999999999999999")]
    [InlineData("0")]
    [InlineData("-5")]
    public void A_volume_outside_all_ranges_is_refused_even_where_rounding_would_bring_it_inside(string sent)
    {
        Assert.False(PourReport.TryParse(Encoding.UTF8.GetBytes($$"""{"volume":{{sent}}}"""), out _, out var refusal));

        Assert.Equal(GlassTypes.OutOfRange, refusal.Reason);
    }
}
