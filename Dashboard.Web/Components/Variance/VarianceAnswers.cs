namespace Dashboard.Web.Components.Variance;

/// <summary>What was poured beside what was sold, as <c>GET /api/stats/variance</c> answers it.</summary>
/// <param name="From">At this time or later.</param>
/// <param name="To">Before this time.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Currency">The money of costs and prices.</param>
public sealed record VarianceAnswer(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<VarianceRow> Rows, string? Currency = null);

/// <summary>A row of it; volumes in mL.</summary>
/// <param name="Key">The beverage, tap, hour or business day; null where nobody can tell.</param>
/// <param name="Poured">Poured to be sold.</param>
/// <param name="NotSold">Poured for anything else.</param>
/// <param name="Sold">Sold.</param>
/// <param name="Difference">Poured less sold.</param>
/// <param name="Percent">The difference in per cent of what was poured; null where nothing was.</param>
/// <param name="Price">What the difference would have cost; null where no sale has a price.</param>
/// <param name="Cost">What the difference has cost by the cost of the kegs; null where none is known.</param>
public sealed record VarianceRow(
    string? Key,
    decimal Poured,
    decimal NotSold,
    decimal Sold,
    decimal Difference,
    decimal? Percent,
    decimal? Price,
    decimal? Cost = null
);

/// <summary>What was poured for what, as <c>GET /api/stats/purposes</c> answers it.</summary>
public sealed record PurposesAnswer(IReadOnlyList<PurposeTotal> Purposes);

/// <summary>Totals of a purpose.</summary>
/// <param name="Purpose">Its name.</param>
/// <param name="Pours">Number of pours.</param>
/// <param name="VolumeMl">Their volume in mL.</param>
/// <param name="ProposedPours">Pours of other purposes that rules propose to be of this one.</param>
/// <param name="ProposedVolumeMl">Their volume in mL.</param>
public sealed record PurposeTotal(string Purpose, long Pours, decimal VolumeMl, long ProposedPours = 0, decimal ProposedVolumeMl = 0);

/// <summary>What flowed and is in no pour, by tap, as <c>GET /api/stats/unaccounted</c> answers it.</summary>
public sealed record UnaccountedAnswer(IReadOnlyList<UnaccountedTap> Taps);

/// <summary>Of one tap.</summary>
/// <param name="TapId">The tap.</param>
/// <param name="Pulses">In pulses.</param>
/// <param name="VolumeMl">In mL; null where the tap is not calibrated.</param>
public sealed record UnaccountedTap(int TapId, long Pulses, decimal? VolumeMl = null);

/// <summary>What became of a file of sales, or would become of it, as <c>POST /api/sales/import</c> answers it.</summary>
/// <param name="Added">Lines that are new.</param>
/// <param name="Known">Lines that were stored before.</param>
/// <param name="Wrong">Lines that are wrong.</param>
/// <param name="First">The first ten good lines, as they are understood.</param>
/// <param name="Results">Each line.</param>
public sealed record ImportAnswer(int Added, int Known, int Wrong, IReadOnlyList<ImportedSale> First, IReadOnlyList<ImportedLine> Results);

/// <summary>A sale as it is understood.</summary>
public sealed record ImportedSale(DateTimeOffset Time, int? TapId, string? Beverage, decimal VolumeMl, int Count, decimal? Price);

/// <summary>What became of a line.</summary>
public sealed record ImportedLine(int Line, string? Detail = null);
