using System.Globalization;

namespace Tap.Simulator.Evening;

/// <summary>A cause, what it really let go, and what the reports say of it.</summary>
/// <param name="Cause">The cause and where it is.</param>
/// <param name="TrueMl">What the simulator really let go, in mL.</param>
/// <param name="FoundMl">What the reports name, in mL; null where they do not.</param>
internal sealed record EveningFinding(string Cause, decimal TrueMl, decimal? FoundMl)
{
    /// <summary>How far apart they may be, as a part of what really was.</summary>
    public const decimal MaxError = 0.02m;

    /// <summary>Whether the reports name the cause.</summary>
    public bool IsGood => FoundMl is { } found && Math.Abs(found - TrueMl) <= MaxError * Math.Abs(TrueMl);

    /// <summary>It in a line.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Cause}: really {TrueMl:0.0} mL, found {FoundMl:0.0} mL, {(IsGood ? "good" : "WRONG")}");
}
