using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Ingest.Api.Venue;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Ingest.Api.Stats;

/// <summary>What was poured and not sold: <c>/api/stats/variance</c>.</summary>
internal static class VarianceApi
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(7);

    // A month of business days, and the hour that the clock may be put back within it.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31) + TimeSpan.FromHours(1);

    public static void MapVariance(this RouteGroupBuilder stats) =>
        stats
            .MapGet("/variance", GetVariance)
            .WithSummary("Gets what was poured beside what was sold, by beverage, tap, hour or business day; the last week, else a month at most.")
            .Produces<VarianceShape>()
            .Produces<string>(StatusCodes.Status200OK, "text/csv")
            .ProducesProblem(422);

    private static async Task<Results<Ok<VarianceShape>, ContentHttpResult, ProblemHttpResult>> GetVariance(
        [AsParameters] VarianceQuery query,
        VarianceRows rows,
        IOptions<VenueOptions> venue,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        // A clock of a tap may be a day ahead, and what it says counts.
        var to = query.To is { } last ? await ResolveAsync(last) : time.GetUtcNow().AddDays(1);
        var from = query.From is { } first ? await ResolveAsync(first) : to - Usual;
        if (to - from > Longest)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "The time from 'from' to 'to' must be at most 31 days.", "from");
        }

        var by = query.By ?? "beverage";
        var found = from < to ? await rows.ReadAsync(by, from, to, cancellationToken) : [];
        List<VarianceRow> shown = [.. found.Select(VarianceRow.Of)];
        return query.Format == "csv"
            ? TypedResults.Content(File(by, venue.Value.Currency, shown), "text/csv; charset=utf-8")
            : TypedResults.Ok(new VarianceShape(from, to, by, venue.Value.Currency, shown));

        async Task<DateTimeOffset> ResolveAsync(VenueTime at) => at.Instant ?? await rows.StartAsync(at.Day!.Value, cancellationToken);
    }

    private static string File(string by, string currency, List<VarianceRow> rows)
    {
        var header = $"{by},poured,notSold,sold,difference,percent,price,cost,currency,proposed";
        var lines = rows.Select(row =>
            Csv.Line(row.Key, row.Poured, row.NotSold, row.Sold, row.Difference, row.Percent, row.Price, row.Cost, currency, row.Proposed)
        );
        return string.Concat(lines.Prepend(header).Select(line => $"{line}\n"));
    }

    /// <summary>What was poured beside what was sold.</summary>
    internal sealed record VarianceShape(DateTimeOffset From, DateTimeOffset To, string By, string Currency, IReadOnlyList<VarianceRow> Rows);

    /// <summary>A row of it; volumes in mL.</summary>
    internal sealed record VarianceRow(
        [property: Description("The beverage, the tap, the beginning of the hour or the business day; null where it cannot be told.")] string? Key,
        [property: Description("mL that were poured to be sold.")] decimal Poured,
        [property: Description("mL that were poured for cleaning, as foam, spilt or to taste.")] decimal NotSold,
        [property: Description("mL that were sold.")] decimal Sold,
        [property: Description("Poured less sold, in mL: above zero where beer is missing.")] decimal Difference,
        [property: Description("The difference in per cent of what was poured, to 0.01; null where nothing was.")] decimal? Percent,
        [property: Description(
            "What the difference would have been sold for, to 0.01: at the average price of the sales of the row, else at the prices of its beverages; null where none is known."
        )]
            decimal? Price,
        [property: Description("What the difference has cost, to 0.01, at the average cost of the kegs of the row; null where none is known.")]
            decimal? Cost,
        [property: Description("mL of what was poured to be sold of which a rule proposes that it was not; until somebody accepts that, it was.")]
            decimal Proposed
    )
    {
        public static VarianceRow Of(FlowRow row)
        {
            var difference = row.PouredMl - row.SoldMl;
            return new(
                row.Key,
                row.PouredMl.Plain(),
                row.NotSoldMl.Plain(),
                row.SoldMl.Plain(),
                difference.Plain(),
                row.PouredMl == 0 ? null : Rounded(100 * difference / row.PouredMl),
                row.PricedMl > 0 ? Rounded(difference * row.Price / row.PricedMl)
                    : row.ListedMl > 0 ? Rounded(difference * row.ListPrice / row.ListedMl)
                    : null,
                row.CostedMl == 0 ? null : Rounded(difference * row.Cost / row.CostedMl),
                row.ProposedMl.Plain()
            );
        }

        private static decimal Rounded(decimal number) => decimal.Round(number, 2, MidpointRounding.ToEven).Plain();
    }
}

/// <summary>Of which time, and by what.</summary>
public sealed record VarianceQuery
{
    [FromQuery(Name = "by")]
    [Description("By what the rows are: beverage (as without it), tap, hour or day.")]
    [AllowedValues(null, "beverage", "tap", "hour", "day", ErrorMessage = "The parameter 'by' must be 'beverage', 'tap', 'hour' or 'day'.")]
    public string? By { get; init; }

    [FromQuery(Name = "from")]
    [Description("This RFC 3339 time or later; of a date alone, the beginning of that business day.")]
    public VenueTime? From { get; init; }

    [FromQuery(Name = "to")]
    [Description("Before this RFC 3339 time; of a date alone, the beginning of that business day.")]
    public VenueTime? To { get; init; }

    [FromQuery(Name = "format")]
    [Description("The form of the answer: json (as without it) or csv.")]
    [AllowedValues(null, "json", "csv", ErrorMessage = "The parameter 'format' must be 'json' or 'csv'.")]
    public string? Format { get; init; }
}
