using System.Runtime.InteropServices;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Api.Access;
using Ingest.Api.Answers;
using Ingest.Api.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Signals;
using Taproom.Store;

namespace Ingest.Api.Beers;

/// <summary>The resource <c>/api/beers</c>: pours, as clients of the first beer-tap server know them.</summary>
internal static class BeersApi
{
    private const int MaxBatch = 1_000;
    private const int MaxBatchBytes = 4 * 1024 * 1024;
    private const string NotItsTap = "This bearer token is another tap's.";

    /// <summary>Adds what the resource needs.</summary>
    public static void AddBeers(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<BeerQueries>();
        builder.Services.AddScoped<BeerIntake>();
    }

    /// <summary>Maps the resource.</summary>
    public static RouteGroupBuilder MapBeers(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/beers").WithTags("Beers").ProducesProblem(429).ProducesProblem(503);
        group
            .MapPost("", PostBeer)
            .WithName("PostBeer")
            .WithSummary("Takes in one poured beer.")
            .RequireAuthorization(Policies.Pour)
            .Takes(typeof(BeerPost), """{"tapId":7,"volume":473}""")
            .ProducesProblem(400)
            .ProducesProblem(401)
            .ProducesProblem(403)
            .ProducesProblem(410)
            .ProducesProblem(413)
            .ProducesProblem(422);
        group
            .MapPost("/batch", PostBatch)
            .WithName("PostBeerBatch")
            .WithSummary("Takes in up to 1,000 poured beers, with a result for each.")
            .RequireAuthorization(Policies.Pour)
            .Takes(typeof(BeerPost[]), """[{"tapId":7,"volume":473},{"tapId":8,"volume":250}]""")
            .WithMetadata(new RequestSizeLimitAttribute(MaxBatchBytes))
            .ProducesProblem(400)
            .ProducesProblem(401)
            .ProducesProblem(403)
            .ProducesProblem(413);
        group.MapGet("", ListBeers).WithName("ListBeers").WithSummary("Lists beers in the order of insertion, or newest first.").ProducesProblem(400);
        group
            .MapGet("/{id:guid}", GetBeer)
            .WithName("GetBeer")
            .WithSummary("Gets one beer; one accepted a moment ago is waited for.")
            .ProducesProblem(404);
        group
            .MapDelete("/{id:guid}", DeleteBeer)
            .WithName("DeleteBeer")
            .WithSummary("Deletes one beer for good and takes it out of all totals.")
            .RequireAuthorization(Policies.Pour)
            .ProducesProblem(401)
            .ProducesProblem(403)
            .ProducesProblem(404);
        return group;
    }

    private static async Task<Results<Created<BeerEnvelope>, Ok<BeerEnvelope>, ProblemHttpResult>> PostBeer(
        HttpRequest request,
        ClaimsPrincipal caller,
        BeerIntake intake,
        CancellationToken cancellationToken
    )
    {
        if (!Reported.TryParse(await request.ReadAllAsync(cancellationToken), out var reported, out var refusal))
        {
            return Problems.Of(refusal);
        }

        if (!caller.MayPourAt(reported.TapId))
        {
            return Problems.Of(StatusCodes.Status403Forbidden, NotItsTap, "tapId");
        }

        var taken = (await intake.TakeAsync([reported], cancellationToken))[0];
        return taken.Status switch
        {
            StatusCodes.Status201Created => TypedResults.Created($"/api/beers/{taken.Beer.Id}", new BeerEnvelope(taken.Beer)),
            StatusCodes.Status200OK => TypedResults.Ok(new BeerEnvelope(taken.Beer)),
            _ => Problems.Of(taken.Status, BatchResult.Deleted),
        };
    }

    private static async Task<Results<Ok<BatchResults>, ProblemHttpResult>> PostBatch(
        HttpRequest request,
        ClaimsPrincipal caller,
        BeerIntake intake,
        CancellationToken cancellationToken
    )
    {
        if (!StrictJson.TryParse(await request.ReadAllAsync(cancellationToken), out var document, out var refusal))
        {
            return Problems.Of(refusal);
        }

        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Array || root.GetArrayLength() is 0 or > MaxBatch)
            {
                return Problems.Of(StatusCodes.Status400BadRequest, $"The body must be an array of 1 to {MaxBatch} beers.");
            }

            return TypedResults.Ok(new BatchResults(await TakeAsync(root, caller, intake, cancellationToken)));
        }
    }

    private static async Task<Results<Ok<BeerList>, ProblemHttpResult>> ListBeers(
        [AsParameters] BeerQuery query,
        BeerQueries beers,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (!query.TryRead(out var filter, out var refusal))
        {
            return Problems.Of(refusal!);
        }

        var found = await beers.ListAsync(filter!, cancellationToken);
        var page = filter!.Part.Cut(found, context, pour => new TimeCursor(pour.Seq, pour.PouredAt).ToText(filter.NewestFirst));
        return TypedResults.Ok(new BeerList([.. page.Select(Beer.Of)]));
    }

    private static async Task<Results<Ok<BeerEnvelope>, ProblemHttpResult>> GetBeer(
        Guid id,
        BeerQueries beers,
        CancellationToken cancellationToken
    ) =>
        await beers.FindAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(new BeerEnvelope(Beer.Of(found)))
            : Problems.NotFound($"Beer {id}");

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteBeer(
        Guid id,
        ClaimsPrincipal caller,
        BeerQueries beers,
        PourStore store,
        Deletions deletions,
        CancellationToken cancellationToken
    )
    {
        var found = await beers.FindAsync(id, cancellationToken);
        if (found is not null && !caller.MayPourAt(found.TapId))
        {
            return Problems.Of(StatusCodes.Status403Forbidden, NotItsTap);
        }

        if (found is null || !await store.DeleteAsync(id, cancellationToken))
        {
            return Problems.NotFound($"Beer {id}");
        }

        await deletions.PublishAsync(id);
        return TypedResults.NoContent();
    }

    private static async Task<BatchResult[]> TakeAsync(
        JsonElement batch,
        ClaimsPrincipal caller,
        BeerIntake intake,
        CancellationToken cancellationToken
    )
    {
        var results = new BatchResult[batch.GetArrayLength()];
        var places = new List<int>(results.Length);
        var reports = new List<Reported>(results.Length);
        foreach (var (n, item) in batch.EnumerateArray().Index())
        {
            if (!Reported.TryParse(JsonMarshal.GetRawUtf8Value(item).ToArray(), out var reported, out var refusal))
            {
                results[n] = new BatchResult(refusal.Status, Detail: refusal.Reason, Member: refusal.Member);
            }
            else if (!caller.MayPourAt(reported.TapId))
            {
                results[n] = new BatchResult(StatusCodes.Status403Forbidden, Detail: NotItsTap, Member: "tapId");
            }
            else
            {
                places.Add(n);
                reports.Add(reported);
            }
        }

        var taken = reports.Count == 0 ? [] : await intake.TakeAsync(reports, cancellationToken);
        foreach (var (n, beer) in places.Zip(taken))
        {
            results[n] =
                beer.Status == StatusCodes.Status410Gone
                    ? new BatchResult(beer.Status, Detail: BatchResult.Deleted)
                    : new BatchResult(beer.Status, beer.Beer);
        }

        return results;
    }

    /// <summary>What became of a batch: a result for each item, in its order.</summary>
    private sealed record BatchResults(IReadOnlyList<BatchResult> Results);

    /// <summary>What became of one item: the status and body it would have had alone.</summary>
    private sealed record BatchResult(
        int Status,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Beer? Beer = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Member = null
    )
    {
        /// <summary>What is said of an id that was deleted.</summary>
        public const string Deleted = "A beer of this id was deleted; it does not come back.";
    }
}
