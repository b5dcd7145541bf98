namespace Taproom;

/// <summary>How long to wait before the next try.</summary>
public static class Backoff
{
    /// <summary>The pause after failures in a row: it doubles from a hundredth of the longest up to the longest, less up to half of it.</summary>
    /// <param name="failures">How many tries in a row have failed, 1 or more.</param>
    /// <param name="longest">The longest pause.</param>
    public static TimeSpan After(int failures, TimeSpan longest)
    {
        var pause = longest / 100 * Math.Pow(2, Math.Min(failures - 1, 10));
        // Spread, so that not all who wait come back in the same instant.
        return (pause < longest ? pause : longest) * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
