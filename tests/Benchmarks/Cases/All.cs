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
        ("http", Http.RunAsync),
        ("taps", Taps.RunAsync),
        // Those of the whole Taproom; see Services.WholeAsync.
        ("line", Line.RunAsync),
        ("screen", Screen.RunAsync),
        ("page", Page.RunAsync),
        ("idle", Idle.RunAsync),
        ("growth", Growth.RunAsync),
    ];
}
