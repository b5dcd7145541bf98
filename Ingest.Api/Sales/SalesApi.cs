using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Ingest.Api.Venue;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Taproom.Reports;
using Taproom.Store;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Ingest.Api.Sales;

/// <summary>The resource <c>/api/sales</c>: what the till sold.</summary>
internal static class SalesApi
{
    private const int MaxBatch = 1_000;
    private const int MaxBatchBytes = 4 * 1024 * 1024;

    public static void AddSales(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<VenueOptions, VenueOptionsValidator>(VenueOptions.SectionName);
        builder.Services.AddScoped<SaleStore>();
    }

    public static void MapSales(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/sales").WithTags("Sales").RequireAuthorization(Policies.Staff);
        group
            .MapPost("", PostSales)
            .WithMetadata(new AuditTrail.Unaudited())
            .WithSummary("Takes in up to 1,000 sales, with a result for each.")
            .Takes("""[{"time":"2026-03-01T20:15:04+01:00","beverage":"Pils","volumeMl":500,"count":2,"price":4.90}]""", typeof(SalePost[]))
            .WithMetadata(new RequestSizeLimitAttribute(MaxBatchBytes));
        group.MapSalesImport();
        group.MapSaleList();
    }

    private static async Task<Results<Ok<SaleResults>, ProblemHttpResult>> PostSales(
        HttpRequest request,
        SaleStore store,
        IOptions<JsonOptions> json,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        if (!StrictJson.TryParse(request.Bytes(), out var document, out var refusal))
        {
            return Problems.Of(refusal);
        }

        using var read = document;
        if (read.RootElement.ValueKind is not JsonValueKind.Array || read.RootElement.GetArrayLength() is 0 or > MaxBatch)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, $"The body must be an array of 1 to {MaxBatch} sales.");
        }

        var now = time.GetUtcNow();
        var items = read.RootElement.EnumerateArray().Select(item => JsonLines.Read<SalePost>(item, json.Value.SerializerOptions)).ToList();
        var drafts = items.Select(item => item.Value?.ToDraft()).ToList();
        var catalog = await store.CatalogAsync(drafts.OfType<SaleDraft>(), cancellationToken);
        var checkedItems = items
            .Zip(drafts, (item, draft) => (item.Value?.Id, Draft: draft, Refusal: item.Refusal ?? draft!.Check(now) ?? catalog.Check(draft)))
            .Select(item =>
                (
                    item.Refusal,
                    Sale: item.Refusal is null ? item.Draft!.ToSale(item.Id ?? Guid.CreateVersion7(now), catalog.NameOf(item.Draft.Beverage)) : null
                )
            )
            .ToList();

        List<Sale> good = [.. checkedItems.Select(item => item.Sale).OfType<Sale>()];
        var added = await store.StoreAsync(good, cancellationToken);
        var stored = await store.FindAsync(good.Select(sale => sale.Id).Where(id => !added.Contains(id)), cancellationToken);
        return TypedResults.Ok(
            new SaleResults([
                .. checkedItems.Select(item =>
                    item.Refusal is { } wrong ? new SaleResult(wrong.Status, null, wrong.Reason, wrong.Member)
                    // Of an id that comes twice the first is new.
                    : added.Remove(item.Sale!.Id) ? new SaleResult(StatusCodes.Status201Created, SaleShape.Of(stored[item.Sale.Id] = item.Sale))
                    : new SaleResult(StatusCodes.Status200OK, SaleShape.Of(stored.GetValueOrDefault(item.Sale.Id, item.Sale)))
                ),
            ])
        );
    }

    /// <summary>What became of sales: a result for each, in their order.</summary>
    internal sealed record SaleResults(IReadOnlyList<SaleResult> Results);

    /// <summary>What became of a sale: 201 new, 200 known before (as it was stored then), or why it was refused.</summary>
    internal sealed record SaleResult(
        int Status,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SaleShape? Sale = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Member = null
    );
}
