using Benchmarks.Results;

namespace Benchmarks.Cases;

/// <summary>All cases, in the order in which they run.</summary>
internal static class All
{
    public static readonly IReadOnlyList<(string Name, Func<Run, Task<IReadOnlyList<Figure>>> MeasureAsync)> Cases =
    [
        ("ceilings", Ceilings.RunAsync),
        ("edge", Edge.RunAsync),
        ("store", Store.RunAsync),
        ("line", Line.RunAsync),
        ("http", Http.RunAsync),
        ("screen", Screen.RunAsync),
        ("idle", Idle.RunAsync),
        ("taps", Taps.RunAsync),
        ("growth", Growth.RunAsync),
    ];
}
