namespace Dashboard.Web.Components.Common;

/// <summary>Values over time for a <see cref="LineChart"/>, in even steps, oldest first; null where there was none.</summary>
/// <param name="Points">When each step began, UTC, and its value; at least two.</param>
public sealed record Series(IReadOnlyList<(DateTimeOffset At, decimal? Value)> Points)
{
    /// <summary>Puts values by when their step began into even steps, so that a gap shows as one.</summary>
    /// <param name="values">The values, by when their step began.</param>
    /// <param name="span">The time that is shown.</param>
    /// <param name="now">Its end.</param>
    public static Series Of(IReadOnlyDictionary<DateTimeOffset, decimal> values, ChartSpan span, DateTimeOffset now)
    {
        var last = span.StepOf(now);
        return new([
            .. Enumerable
                .Range(0, span.Steps)
                .Select(i => last - ((span.Steps - 1 - i) * span.Step))
                .Select(at => (at, values.TryGetValue(at, out var value) ? value : (decimal?)null)),
        ]);
    }
}

/// <summary>The time that a chart shows, and in which steps.</summary>
/// <param name="Step">Length of a step; a day is a whole number of them.</param>
/// <param name="Steps">Number of steps.</param>
public sealed record ChartSpan(TimeSpan Step, int Steps)
{
    /// <summary>24 hours by the half hour.</summary>
    public static readonly ChartSpan Day = new(TimeSpan.FromMinutes(30), 49);

    /// <summary>Seven days by three hours.</summary>
    public static readonly ChartSpan Week = new(TimeSpan.FromHours(3), 57);

    /// <summary>When the step of a moment began.</summary>
    public DateTimeOffset StepOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % Step.Ticks), TimeSpan.Zero);

    /// <summary>When the first step that is shown began.</summary>
    public DateTimeOffset StartAt(DateTimeOffset now) => StepOf(now) - ((Steps - 1) * Step);
}
