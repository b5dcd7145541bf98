namespace Dashboard.Web.Components.Common;

/// <summary>The scale of a chart: even, round numbers that hold all of its values.</summary>
/// <param name="From">The lowest number.</param>
/// <param name="Step">From one number to the next.</param>
/// <param name="Steps">How many steps there are; one at least.</param>
internal sealed record ChartScale(decimal From, decimal Step, int Steps)
{
    private const int MostSteps = 4;

    /// <summary>The highest number.</summary>
    public decimal To => From + (Steps * Step);

    /// <summary>The numbers, highest first.</summary>
    public IEnumerable<decimal> Numbers => Enumerable.Range(0, Steps + 1).Select(i => To - (i * Step));

    /// <summary>Finds the scale of values.</summary>
    /// <param name="min">The lowest value.</param>
    /// <param name="max">The highest.</param>
    /// <param name="fromZero">Whether zero is on it.</param>
    public static ChartScale Of(decimal min, decimal max, bool fromZero)
    {
        (min, max) = fromZero ? (Math.Min(0, min), Math.Max(0, max)) : (min, max);
        for (var unit = 0.1m; ; unit *= 10)
        {
            foreach (var factor in (ReadOnlySpan<int>)[1, 2, 5])
            {
                var step = unit * factor;
                var from = Math.Floor(min / step) * step;
                var steps = (int)Math.Min(Math.Max(1, Math.Ceiling((max - from) / step)), MostSteps + 1);
                if (steps <= MostSteps)
                {
                    return new(from, step, steps);
                }
            }
        }
    }

    /// <summary>Where a value is, from 0 at the foot to 1 at the top.</summary>
    public double Share(decimal value) => (double)((value - From) / (To - From));
}
