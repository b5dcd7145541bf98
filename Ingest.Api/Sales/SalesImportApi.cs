using Ingest.Api.Http;
using Ingest.Api.Venue;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Sales;

/// <summary>Takes in what a till exported, all of a file or nothing: <c>/api/sales/import</c>.</summary>
internal static class SalesImportApi
{
    private const int FirstRows = 10;

    public static void MapSalesImport(this RouteGroupBuilder sales) =>
        sales
            .MapPost("/import", ImportSales)
            .WithSummary("Takes in a file of sales, CSV or JSON lines, with a result for each line; all of it or, with one bad line, nothing.")
            .Takes("time,beverage,volume,number,price\n2026-03-01T20:15:04+01:00,Pils,500,2,4.90\n", typeof(string), "text/csv")
            .ProducesProblem(422)
            .WithMetadata(new RequestSizeLimitAttribute(JsonLines.MaxBytes))
            // However many lines there are; each command has its own time.
            .DisableRequestTimeout();

    private static async Task<Results<Ok<SaleImport>, ProblemHttpResult>> ImportSales(
        [AsParameters] ImportQuery query,
        HttpRequest request,
        SaleStore store,
        IOptions<VenueOptions> venue,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var (file, refusal) = SaleFile.Read(request.Bytes(), query);
        if (file is null)
        {
            return Problems.Of(refusal!);
        }

        var lines = new SaleLines(query.Columns, file.HasCommas, venue.Value, time.GetUtcNow());
        var read = file.Rows.Select(row => (row.Line, Read: lines.Read(row))).ToList();
        var catalog = await store.CatalogAsync(read.Select(line => line.Read.Draft).OfType<SaleDraft>(), cancellationToken);
        var answers = read.Select(line =>
                (line.Line, line.Read.Draft, Wrong: line.Read.Wrong ?? (catalog.Check(line.Read.Draft!) is { } wrong ? lines.Named(wrong) : null))
            )
            .ToList();
        var good = answers.Where(line => line.Wrong is null).ToList();
        var ids = SaleIds.Of([.. good.Select(line => line.Draft!)]);
        List<Sale> sales = [.. good.Zip(ids, (line, id) => line.Draft!.ToSale(id, catalog.NameOf(line.Draft!.Beverage)))];

        var isDry = query.DryRun ?? false;
        if (good.Count < answers.Count && !isDry)
        {
            return Refused(answers.Where(line => line.Wrong is not null).Select(line => Result(line.Line, line.Wrong!)).ToList());
        }

        var isNew = isDry ? [.. ids.Except((await store.FindAsync(ids, cancellationToken)).Keys)] : await store.StoreAsync(sales, cancellationToken);
        var next = new Queue<Guid>(ids);
        List<LineResult> results =
        [
            .. answers.Select(line =>
                line.Wrong is { } wrong
                    ? Result(line.Line, wrong)
                    : new LineResult(line.Line, isNew.Contains(next.Dequeue()) ? StatusCodes.Status201Created : StatusCodes.Status200OK)
            ),
        ];
        return TypedResults.Ok(
            new SaleImport(
                isDry,
                results.Count(line => line.Status == StatusCodes.Status201Created),
                results.Count(line => line.Status == StatusCodes.Status200OK),
                answers.Count - good.Count,
                [.. sales.Take(FirstRows).Select(SaleShape.Of)],
                results
            )
        );
    }

    private static LineResult Result(int line, Refusal wrong) => new(line, wrong.Status, wrong.Reason, wrong.Member);

    private static ProblemHttpResult Refused(List<LineResult> wrong)
    {
        var problem = Problems.Of(
            StatusCodes.Status422UnprocessableEntity,
            $"Nothing was stored: {wrong.Count} of the lines are wrong, first line {wrong[0].Line}: {wrong[0].Detail}"
        );
        problem.ProblemDetails.Extensions["results"] = wrong;
        return problem;
    }

    /// <summary>What became of a file, or would become of it.</summary>
    /// <param name="DryRun">Whether nothing was stored.</param>
    /// <param name="Added">Lines that are new.</param>
    /// <param name="Known">Lines that were stored before, which change nothing.</param>
    /// <param name="Wrong">Lines that are wrong.</param>
    /// <param name="First">The first ten good lines, as they are understood.</param>
    /// <param name="Results">Each line: 201 new, 200 known, else what is wrong with it and what to do.</param>
    internal sealed record SaleImport(
        bool DryRun,
        int Added,
        int Known,
        int Wrong,
        IReadOnlyList<SaleShape> First,
        IReadOnlyList<LineResult> Results
    );
}
