using Microsoft.AspNetCore.Http.HttpResults;
using Taproom.Api.Access;
using Taproom.Api.Answers;
using Taproom.Api.Lists;
using Taproom.Ingest;
using Taproom.Pours;

namespace Taproom.Api.Beers;

/// <summary>The resource <c>/api/beers</c>: pours, as clients of the first beer-tap server know them.</summary>
internal static class BeersApi
{
    /// <summary>Adds what the resource needs.</summary>
    public static void AddBeers(this IHostApplicationBuilder builder) => builder.Services.AddScoped<BeerQueries>();

    /// <summary>Maps the resource.</summary>
    public static RouteGroupBuilder MapBeers(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/beers").WithTags("Beers");
        group.MapPost("", PostBeer).WithName("PostBeer").WithSummary("Takes in one poured beer.")
            .RequireAuthorization(Policies.Admin).Takes(typeof(BeerPost))
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(413).ProducesProblem(422).ProducesProblem(503);
        group.MapGet("", ListBeers).WithName("ListBeers")
            .WithSummary("Lists beers in the order of insertion, or newest first.").ProducesProblem(400).ProducesProblem(503);
        group.MapGet("/{id:guid}", GetBeer).WithName("GetBeer")
            .WithSummary("Gets one beer; one accepted a moment ago is waited for.").ProducesProblem(404).ProducesProblem(503);
        return group;
    }

    private static async Task<Results<Created<BeerEnvelope>, Ok<BeerEnvelope>, ProblemHttpResult>> PostBeer(
        HttpRequest request, BeerQueries beers, IngestStream stream, TimeProvider time, CancellationToken cancellationToken)
    {
        var body = await request.ReadAllAsync(cancellationToken);
        if (!PourReport.TryParse(body, out var report, out var refusal))
        {
            return Problems.Of(refusal);
        }

        if (report.TapId is not { } tapId)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "The member 'tapId' must be a whole number, 1 or more.", "tapId");
        }

        if (report.Id is { } known && await FindKnownAsync(beers, known, cancellationToken) is { } before)
        {
            return TypedResults.Ok(new BeerEnvelope(before));
        }

        var receivedAt = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var pour = report.ToPour(report.Id ?? Guid.CreateVersion7(receivedAt), tapId, receivedAt);
        var entry = new IngestEntry
        {
            Id = pour.Id,
            Kind = EntryKinds.Pour,
            Tap = $"{tapId}",
            ReceivedAt = receivedAt,
            Body = body.ToArray(),
        };
        return await stream.AppendOnceAsync(entry, cancellationToken)
            ? TypedResults.Created($"/api/beers/{pour.Id}", new BeerEnvelope(Beer.Of(pour)))
            : TypedResults.Ok(new BeerEnvelope(await FindAppendedAsync(stream, pour, cancellationToken)));
    }

    private static async Task<Results<Ok<BeerList>, ProblemHttpResult>> ListBeers(
        [AsParameters] BeerQuery query, BeerQueries beers, HttpContext context, CancellationToken cancellationToken)
    {
        if (!query.TryRead(out var filter, out var refusal))
        {
            return Problems.Of(refusal!);
        }

        var found = await beers.ListAsync(filter!, cancellationToken);
        var size = filter!.Page.Size;
        if (found.Count > size)
        {
            var last = found[size - 1];
            ListPage.LinkNext(context, new BeerCursor(last.Seq, last.PouredAt).ToText(filter.NewestFirst));
        }

        return TypedResults.Ok(new BeerList([.. found.Take(size).Select(Beer.Of)]));
    }

    private static async Task<Results<Ok<BeerEnvelope>, ProblemHttpResult>> GetBeer(
        Guid id, BeerQueries beers, CancellationToken cancellationToken) =>
        await beers.FindOrAwaitAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(new BeerEnvelope(Beer.Of(found)))
            : Problems.NotFound($"Beer {id}");

    private static async Task<Beer?> FindKnownAsync(BeerQueries beers, Guid id, CancellationToken cancellationToken)
    {
        try
        {
            return await beers.FindAsync(id, cancellationToken) is { } stored ? Beer.Of(stored) : null;
        }
        catch (Exception ex) when (FailureHandler.IsAway(ex))
        {
            // A pour is taken in without Postgres too: the worker stores an id once, however often it was accepted.
            return null;
        }
    }

    private static async Task<Beer> FindAppendedAsync(IngestStream stream, Pour pour, CancellationToken cancellationToken)
    {
        var entry = await stream.FindRecentAsync(pour.Id, cancellationToken);
        return entry is not null && PourReport.TryParse(entry.Body, out var report, out _)
            ? Beer.Of(report.ToPour(entry.Id, pour.TapId, entry.ReceivedAt))
            : Beer.Of(pour);
    }
}
