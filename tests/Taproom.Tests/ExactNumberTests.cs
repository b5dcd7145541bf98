using System.Globalization;
using System.Numerics;
using System.Text;
using CsCheck;
using Taproom.Reports;

namespace Taproom.Tests;

public sealed class ExactNumberTests
{
    private static readonly decimal[] Limits = [-50, 0, 0.00001m, 0.001m, 100, 150, 300, 800, 1000, 2_000, 1_000_000_000, long.MaxValue];

    [Fact]
    public void A_number_of_any_length_is_on_its_side_of_every_limit_and_rounds_as_its_text_does()
    {
        var digits = Gen.Char["0123456789"].Array[1, 45].Select(some => new string(some));
        var zeros = Gen.Int[0, 40].Select(n => new string('0', n));
        // Near the limits and the halves between two thousandths, where one digit decides.
        var near = Gen.Select(
                Gen.OneOf("0", "99", "100", "300", "473", "800", "999", "1000", "150", "50"),
                Gen.OneOf("", "0005", "0015", "9999", "0004"),
                zeros
            )
            .Select((whole, fraction, more) => $"{whole}.{fraction}{more}");
        var mantissa = Gen.Frequency(
            (2, Gen.Select(near, Gen.OneOf("0", "1", "5", "9", "4999"), (number, last) => number + last)),
            (1, digits.Select(text => text.TrimStart('0') is { Length: > 0 } whole ? whole : "0")),
            (1, Gen.Select(Gen.Int[0, 2000], digits, (whole, fraction) => $"{whole}.{fraction}"))
        );
        var exponent = Gen.Frequency((3, Gen.Const("")), (1, Gen.Int[-60, 60].Select(n => n < 0 ? $"e{n}" : $"E+{n}")));

        Gen.Select(Gen.OneOf("", "-"), mantissa, exponent, (sign, number, power) => sign + number + power)
            .Sample(
                text =>
                {
                    var number = ExactNumber.Read(Encoding.UTF8.GetBytes(text));
                    var plain = PlainNumber.Parse(text);
                    return Limits.All(limit => number.CompareTo(limit) == plain.CompareTo(limit))
                        && (decimal.Abs(number) >= 1e22m || new BigInteger(decimal.Round(number, 3) * 1000) == plain.Thousandths());
                },
                iter: 20_000
            );
    }

    [Theory]
    [InlineData("0e99999999999999999999", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("4730000000000000000000000000000000000000000000e-43", "473")]
    [InlineData("1e22", "79228162514264337593543950335")]
    [InlineData("-1e99999999999999999999", "-79228162514264337593543950335")]
    [InlineData("1e-99999999999999999999", "0.000001")]
    [InlineData("-1e-40", "-0.000001")]
    public void What_a_decimal_cannot_hold_has_a_place_beside_all_limits(string text, string number) =>
        Assert.Equal(decimal.Parse(number, CultureInfo.InvariantCulture), ExactNumber.Read(Encoding.UTF8.GetBytes(text)));
}
