using System.Buffers.Text;
using System.Globalization;

namespace Taproom.Reports;

/// <summary>Reads JSON numbers of any length so that limits and roundings see what was sent, not what was left of it.</summary>
public static class ExactNumber
{
    // A decimal holds any number of 28 digits as it is; these are left of the point, and the others right of it.
    private const int MaxDigits = 28;
    private const int Decimals = 6;

    /// <summary>Reads a number.</summary>
    /// <param name="json">A number as JSON has it, UTF-8.</param>
    /// <returns>
    /// The number, or one that lies on the same side of every limit of up to five decimals, and rounds to as many as four as the number does.
    /// Beyond 10^22 it may be the largest or smallest <see cref="decimal"/>.
    /// </returns>
    public static decimal Read(ReadOnlySpan<byte> json)
    {
        var e = json.IndexOfAny((byte)'e', (byte)'E');
        if (e < 0 && json.Length <= MaxDigits && Utf8Parser.TryParse(json, out decimal number, out _))
        {
            return number;
        }

        var isNegative = json[0] == '-';
        var digits = json[(isNegative ? 1 : 0)..(e < 0 ? json.Length : e)];
        var point = digits.IndexOf((byte)'.');
        // The power of ten that the first digit stands for.
        var place = (point < 0 ? digits.Length : point) - 1 + (e < 0 ? 0 : Exponent(json[(e + 1)..]));
        return Cut(digits, place) is { } cut ? (decimal)(isNegative ? -cut : cut) / 1_000_000
            : isNegative ? decimal.MinValue
            : decimal.MaxValue;
    }

    /// <returns>Millionths; null for too many.</returns>
    private static Int128? Cut(ReadOnlySpan<byte> digits, int place)
    {
        var cut = Int128.Zero;
        var isInexact = false;
        foreach (var digit in digits)
        {
            if (digit == '.')
            {
                continue;
            }

            if (digit != '0' && place >= MaxDigits - Decimals)
            {
                return null;
            }

            if (place >= -Decimals)
            {
                cut = (cut * 10) + (digit - '0');
            }
            else
            {
                isInexact |= digit != '0';
            }

            place--;
        }

        for (; place >= -Decimals && cut != 0; place--)
        {
            cut *= 10;
        }

        // Rounding to odd: no limit and no half of the last digit that is kept is odd, so none is reached or passed by the cut.
        return isInexact ? cut | 1 : cut;
    }

    private static int Exponent(ReadOnlySpan<byte> text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
        && Math.Abs((long)exponent) < int.MaxValue / 2
            ? exponent
            : (text[0] == '-' ? -1 : 1) * (int.MaxValue / 2);
}
