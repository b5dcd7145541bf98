namespace Benchmarks.Load;

/// <summary>How late things were, in milliseconds.</summary>
/// <param name="Count">How many there were.</param>
/// <param name="P50">Half of them were no later.</param>
/// <param name="P99">99 of 100 were no later.</param>
/// <param name="P999">999 of 1,000 were no later.</param>
/// <param name="Max">The latest.</param>
internal sealed record Latencies(int Count, double P50, double P99, double P999, double Max)
{
    /// <summary>Sums up.</summary>
    public static Latencies Of(IEnumerable<TimeSpan> latencies)
    {
        double[] sorted = [.. latencies.Select(latency => latency.TotalMilliseconds).Order()];
        return sorted.Length == 0
            ? new Latencies(0, 0, 0, 0, 0)
            : new Latencies(sorted.Length, At(sorted, 0.5), At(sorted, 0.99), At(sorted, 0.999), sorted[^1]);
    }

    private static double At(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
}
