using System.Globalization;
using System.Numerics;

namespace Taproom.Tests;

/// <summary>A JSON number as a fraction of whole numbers, in which nothing is lost.</summary>
internal sealed record PlainNumber(BigInteger Numerator, BigInteger Denominator)
{
    public static PlainNumber Parse(string json)
    {
        var parts = json.Split('e', 'E');
        var point = parts[0].IndexOf('.');
        var power = (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0) - (point < 0 ? 0 : parts[0].Length - point - 1);
        var digits = BigInteger.Parse(parts[0].Replace(".", ""), CultureInfo.InvariantCulture);
        return power < 0 ? new(digits, BigInteger.Pow(10, -power)) : new(digits * BigInteger.Pow(10, power), 1);
    }

    public bool IsWhole => Numerator % Denominator == 0;

    /// <param name="limit">A number of up to five decimals.</param>
    public int CompareTo(decimal limit) => (Numerator * 100_000).CompareTo(new BigInteger(limit * 100_000) * Denominator);

    /// <summary>The number in thousandths, rounded half to even.</summary>
    public BigInteger Thousandths()
    {
        var whole = BigInteger.DivRem(BigInteger.Abs(Numerator) * 1000, Denominator, out var rest);
        var half = (rest * 2).CompareTo(Denominator);
        return (whole + (half > 0 || (half == 0 && !whole.IsEven) ? 1 : 0)) * Numerator.Sign;
    }
}
