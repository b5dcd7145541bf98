using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Taproom.Pours;
using Taproom.Store;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Ingest.Api.Beers;

/// <summary>All beers as one file, however many there are: <c>/api/beers/export</c>.</summary>
internal static class ExportApi
{
    private const int PageSize = 500;
    private const string WrongFormat = "The parameter 'format' must be 'csv' or 'jsonl'.";

    public static void MapBeerExport(this RouteGroupBuilder beers) =>
        beers
            .MapGet("/export", ExportBeers)
            .WithSummary("Streams all beers that match, in the order of insertion, as CSV or JSON lines.")
            .Produces<string>(StatusCodes.Status200OK, "text/csv", "application/jsonl")
            .DisableRequestTimeout()
            .WithMetadata(new ConditionalGet.Unbuffered());

    private static async Task<PushStreamHttpResult> ExportBeers(
        [FromQuery, Description("The form of the file: csv or jsonl."), AllowedValues("csv", "jsonl", ErrorMessage = WrongFormat)] string format,
        [AsParameters] BeerFilter filter,
        [AsParameters] TimeRange time,
        BeerQueries beers,
        IOptions<JsonOptions> json,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        // The first page before the status, so that a store that is away is told by it.
        var pours = beers.Matching(filter, time);
        var first = await pours.InsertedAfter(0, 0).Take(PageSize).ToListAsync(cancellationToken);
        return format == "csv"
            ? TypedResults.Stream(body => WriteAsync(body, "id,type,volume,timestamp,tapId,purpose,beverage\n", Cells), "text/csv", "beers.csv")
            : TypedResults.Stream(body => WriteAsync(body, "", Line), "application/jsonl", "beers.jsonl");

        async Task WriteAsync(Stream body, string header, Func<Beer, string?, string> line)
        {
            if (context.IsHead())
            {
                return;
            }

            await using var writer = new StreamWriter(body);
            await writer.WriteAsync(header.AsMemory(), cancellationToken);
            await foreach (var (pour, beverage) in AllAsync(beers, pours, first, cancellationToken))
            {
                await writer.WriteAsync($"{line(Beer.Of(pour), beverage)}\n".AsMemory(), cancellationToken);
            }
        }

        string Line(Beer beer, string? beverage) => JsonSerializer.Serialize(beer, json.Value.SerializerOptions);

        // The time is as JSON has it.
        static string Cells(Beer beer, string? beverage) =>
            Csv.Line(
                beer.Id,
                beer.Type,
                beer.Volume,
                UtcTimeConverter.ToText(beer.Timestamp),
                beer.TapId,
                beer.Purpose ?? Purpose.Sale.Name(),
                beverage
            );
    }

    // By keyset, page by page: no transaction stays open for as long as the reader takes.
    private static async IAsyncEnumerable<(StoredPour Pour, string? Beverage)> AllAsync(
        BeerQueries beers,
        IQueryable<StoredPour> pours,
        List<StoredPour> page,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (page.Count > 0)
        {
            var beverages = await beers.BeveragesOfAsync(page, cancellationToken);
            foreach (var pour in page)
            {
                yield return (pour, pour.KegId is { } keg ? beverages.GetValueOrDefault(keg) : null);
            }

            page =
                page is [.., { Tx: var tx, Seq: var seq }] && page.Count == PageSize
                    ? await pours.InsertedAfter(tx, seq).Take(PageSize).ToListAsync(cancellationToken)
                    : [];
        }
    }
}
