namespace Benchmarks;

/// <summary>Ends a case whose counts do not add up: its figures would be worth nothing.</summary>
internal static class Check
{
    /// <summary>Throws when something does not hold.</summary>
    public static void That(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
