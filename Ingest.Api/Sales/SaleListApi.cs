using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Sales;

/// <summary>Lists sales, and deletes one that never was.</summary>
internal static class SaleListApi
{
    public static void MapSaleList(this RouteGroupBuilder sales)
    {
        sales.MapGet("", ListSales).WithSummary("Lists sales, newest first.");
        sales.MapDelete("/{id:guid}", DeleteSale).WithSummary("Deletes one sale for good; the variance follows.");
    }

    private static async Task<Ok<SaleList>> ListSales(
        [AsParameters] SaleFilter filter,
        [AsParameters] TimeRange time,
        [AsParameters] ListQuery<SaleCursor> query,
        TaproomDb db
    )
    {
        var after = query.AfterOr(SaleCursor.Newest);
        var sales = time.Of(filter.Of(db.Sales), sale => sale.SoldAt)
            .Where(sale => EF.Functions.LessThan(ValueTuple.Create(sale.SoldAt, sale.Id), ValueTuple.Create(after.Time, after.Id)))
            .OrderByDescending(sale => sale.SoldAt)
            .ThenByDescending(sale => sale.Id);
        var found = await query.ReadAsync(sales, sale => new SaleCursor(sale.SoldAt, sale.Id));
        return TypedResults.Ok(new SaleList([.. found.Select(SaleShape.Of)]));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteSale(Guid id, TaproomDb db, CancellationToken cancellationToken) =>
        await db.Sales.Where(sale => sale.Id == id).ExecuteDeleteAsync(cancellationToken) > 0
            ? TypedResults.NoContent()
            : Problems.NotFound($"Sale {id}");

    internal sealed record SaleList(IReadOnlyList<SaleShape> Sales);
}

/// <summary>Which sales; all that is given must match.</summary>
public sealed record SaleFilter
{
    [FromQuery(Name = "tap")]
    [Description("The id of the tap that they name.")]
    [Range(1, int.MaxValue, ErrorMessage = "The parameter 'tap' must be a whole number, 1 or more.")]
    public int? Tap { get; init; }

    [FromQuery(Name = "beverage")]
    [Description("The beverage that they name, exactly as its keg has it.")]
    [Text(200, IsOptional = true)]
    public string? Beverage { get; init; }

    /// <summary>Those of some sales.</summary>
    internal IQueryable<Sale> Of(IQueryable<Sale> sales)
    {
        sales = Tap is { } tap ? sales.Where(sale => sale.TapId == tap) : sales;
        return Beverage is { } beverage ? sales.Where(sale => sale.Beverage == beverage) : sales;
    }
}
