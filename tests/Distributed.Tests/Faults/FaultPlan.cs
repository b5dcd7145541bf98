namespace Distributed.Tests.Faults;

/// <summary>The order in which faults happen: of one seed always the same.</summary>
internal static class FaultPlan
{
    private const double PairShare = 0.3;

    /// <summary>Steps, each of one fault, or of two at a time.</summary>
    /// <param name="faults">Every fault that there is.</param>
    /// <param name="count">How many faults in all.</param>
    /// <param name="seed">The seed.</param>
    /// <remarks>Each fault comes once before any comes again, kills first.</remarks>
    public static IEnumerable<IReadOnlyList<Fault>> Steps(IReadOnlyList<Fault> faults, int count, int seed)
    {
        var random = new Random(seed);
        var drawn = Shuffled(faults, random).OrderBy(fault => fault.Kind != "kill").ToList();
        while (drawn.Count < count)
        {
            drawn.AddRange(Shuffled(faults, random));
        }

        for (var n = 0; n < count; )
        {
            var isPair = n + 1 < count && drawn[n].Target != drawn[n + 1].Target && random.NextDouble() < PairShare;
            yield return drawn.GetRange(n, isPair ? 2 : 1);
            n += isPair ? 2 : 1;
        }
    }

    private static Fault[] Shuffled(IEnumerable<Fault> faults, Random random)
    {
        var all = faults.ToArray();
        random.Shuffle(all);
        return all;
    }
}
