using System.Text.Json;
using Ingest.Api.Answers;
using Ingest.Api.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Taproom.Store;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Ingest.Api.Beers;

/// <summary>All beers as one file, however many there are: <c>/api/beers/export</c>.</summary>
internal static class ExportApi
{
    /// <summary>Maps the export.</summary>
    public static void MapBeerExport(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/api/beers/export", Export)
            .WithTags("Beers")
            .WithName("ExportBeers")
            .WithSummary("Streams all beers that match, in the order of insertion, as CSV or JSON lines.")
            .Produces<string>(StatusCodes.Status200OK, "text/csv", "application/jsonl")
            .ProducesProblem(400)
            .ProducesProblem(429)
            .ProducesProblem(503)
            .DisableRequestTimeout()
            .WithMetadata(new ConditionalGet.Unbuffered());

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> Export(
        string? format,
        [AsParameters] ExportQuery query,
        BeerQueries beers,
        IOptions<JsonOptions> json,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (format is not ("csv" or "jsonl"))
        {
            return Problems.Of(StatusCodes.Status400BadRequest, "The parameter 'format' must be 'csv' or 'jsonl'.", "format");
        }

        if (!query.Whole.TryRead(out var filter, out var refusal))
        {
            return Problems.Of(refusal!);
        }

        // The first page before the status, so that a store that is away is told by it.
        var first = await beers.ListAsync(filter!, cancellationToken);
        return format == "csv"
            ? TypedResults.Stream(body => WriteAsync(body, "id,type,volume,timestamp,tapId\n", Csv), "text/csv", "beers.csv")
            : TypedResults.Stream(body => WriteAsync(body, "", Line), "application/jsonl", "beers.jsonl");

        async Task WriteAsync(Stream body, string header, Func<Beer, string> line)
        {
            if (context.IsHead())
            {
                return;
            }

            await using var writer = new StreamWriter(body);
            await writer.WriteAsync(header.AsMemory(), cancellationToken);
            await foreach (var pour in AllAsync(beers, filter!, first, cancellationToken))
            {
                await writer.WriteAsync($"{line(Beer.Of(pour))}\n".AsMemory(), cancellationToken);
            }
        }

        string Line(Beer beer) => JsonSerializer.Serialize(beer, json.Value.SerializerOptions);

        // Nothing in it can need quotes; the time is as JSON has it.
        static string Csv(Beer beer) =>
            FormattableString.Invariant($"{beer.Id},{beer.Type},{beer.Volume},{UtcTimeConverter.ToText(beer.Timestamp)},{beer.TapId}");
    }

    private static async IAsyncEnumerable<StoredPour> AllAsync(
        BeerQueries beers,
        BeerFilter filter,
        IReadOnlyList<StoredPour> page,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (true)
        {
            foreach (var pour in page.Take(ListPage.MaxSize))
            {
                yield return pour;
            }

            if (page.Count <= ListPage.MaxSize)
            {
                yield break;
            }

            // By keyset, page by page: no transaction stays open for as long as the reader takes.
            var after = new TimeCursor(page[ListPage.MaxSize - 1].Seq, default);
            page = await beers.ListAsync(filter with { Part = filter.Part with { After = after } }, cancellationToken);
        }
    }

    /// <summary>The filters of the list of beers; order and page it has none.</summary>
    private sealed record ExportQuery(string? Type, string? Tap, string? From, string? To)
    {
        public BeerQuery Whole => new(Type, Tap, From, To, Sort: null, Page: null, PageSize: $"{ListPage.MaxSize}", After: null);
    }
}
