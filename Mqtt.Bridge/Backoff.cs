namespace Taproom.Bridge;

/// <summary>Pauses between attempts.</summary>
internal static class Backoff
{
    /// <summary>The pause after some failures in a row: first a hundredth of the longest, then twice the one before.</summary>
    /// <param name="longest">The longest pause.</param>
    /// <param name="failures">1 or more.</param>
    public static TimeSpan After(this TimeSpan longest, int failures)
    {
        var pause = longest / 100 * Math.Pow(2, Math.Min(failures - 1, 10));
        return pause < longest ? pause : longest;
    }
}
