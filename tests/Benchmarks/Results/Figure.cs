using System.Text.Json.Serialization;

namespace Benchmarks.Results;

/// <summary>Something that was measured, once in each round.</summary>
/// <param name="Name">What.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Rounds">The value of each round.</param>
internal sealed record Figure(string Name, string Unit, IReadOnlyList<double> Rounds)
{
    /// <summary>What it is compared with; null for nothing.</summary>
    public Ceiling? Against { get; init; }

    /// <summary>What it must reach: the ratio where there is one, else the value; null for nothing.</summary>
    public Bound? MustReach { get; init; }

    /// <summary>The median of the rounds.</summary>
    public double Value => Median.Of(Rounds);

    /// <summary>The value by that of the ceiling.</summary>
    public double? Ratio => Against is null ? null : Value / Against.Value;

    /// <summary>Whether it reaches what it must; null where that is nothing.</summary>
    public bool? IsReached => MustReach?.Holds(Ratio ?? Value);
}

/// <summary>What a figure is compared with, measured in the same minutes.</summary>
/// <param name="Name">What.</param>
/// <param name="Rounds">The value of each round.</param>
internal sealed record Ceiling(string Name, IReadOnlyList<double> Rounds)
{
    /// <summary>The median of the rounds.</summary>
    public double Value => Median.Of(Rounds);
}

/// <summary>What is demanded of a number.</summary>
/// <param name="Limit">The number that it is held against.</param>
/// <param name="IsLeast">Whether it must be this number or more; else it must be this number or less.</param>
internal sealed record Bound(double Limit, bool IsLeast)
{
    /// <summary>This number or more.</summary>
    public static Bound AtLeast(double limit) => new(limit, IsLeast: true);

    /// <summary>This number or less.</summary>
    public static Bound AtMost(double limit) => new(limit, IsLeast: false);

    /// <summary>Whether a number is as demanded.</summary>
    public bool Holds(double value) => IsLeast ? value >= Limit : value <= Limit;

    /// <inheritdoc />
    public override string ToString() => $"{(IsLeast ? ">=" : "<=")} {Limit:#,0.##}";
}

/// <summary>What a case has measured, and how.</summary>
/// <param name="Case">Its name.</param>
/// <param name="Command">The command.</param>
/// <param name="At">When it was done; UTC.</param>
/// <param name="Machine">What it ran on.</param>
/// <param name="Figures">What was measured.</param>
[method: JsonConstructor]
internal sealed record CaseResult(string Case, string Command, DateTimeOffset At, Machine Machine, IReadOnlyList<Figure> Figures);

/// <summary>The median.</summary>
internal static class Median
{
    /// <summary>The one in the middle, or the mean of the two there.</summary>
    public static double Of(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
