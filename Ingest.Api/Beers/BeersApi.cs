using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Taproom.Reports;
using Taproom.Signals;
using Taproom.Store;

namespace Ingest.Api.Beers;

/// <summary>The resource <c>/api/beers</c>: pours, as clients of the first beer-tap server know them.</summary>
internal static class BeersApi
{
    private const int MaxBatch = 1_000;
    private const int MaxBatchBytes = 4 * 1024 * 1024;
    private const string NoTap = "The member 'tapId' must be a whole number, 1 or more.";
    private const string NotItsTap = "This bearer token is another tap's.";

    public static void AddBeers(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<BeerQueries>();
        builder.Services.AddSingleton<StoredPours>();
        builder.Services.AddSingleton<BeerIntake>();
        builder.Services.AddScoped<BeerChanges>();
        builder.Services.AddOptions<TraceLinkOptions>().BindConfiguration(TraceLinkOptions.SectionName);
    }

    public static void MapBeers(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/beers").WithTags("Beers");
        group
            .MapPost("", PostBeer)
            .WithMetadata(new AuditTrail.Unaudited())
            .WithSummary("Takes in one poured beer.")
            .RequireAuthorization(Policies.Pour)
            .Takes("""{"tapId":7,"volume":473}""", typeof(BeerPost))
            .ProducesProblem(409)
            .ProducesProblem(410)
            .ProducesProblem(422);
        group
            .MapPost("/batch", PostBeerBatch)
            .WithMetadata(new AuditTrail.Unaudited())
            .WithSummary("Takes in up to 1,000 poured beers, with a result for each.")
            .RequireAuthorization(Policies.Pour)
            .Takes("""[{"tapId":7,"volume":473},{"tapId":8,"volume":250}]""", typeof(BeerPost[]))
            .WithMetadata(new RequestSizeLimitAttribute(MaxBatchBytes));
        group.MapGet("", ListBeers).WithSummary("Lists beers in the order of insertion, or newest first.");
        group.MapGet("/{id:guid}", GetBeer).WithSummary("Gets one beer; one accepted a moment ago is waited for.");
        group.MapGet("/{id:guid}/trace", GetBeerTrace).WithSummary("Tells which trace shows the way of one beer, and where.");
        group
            .MapDelete("/{id:guid}", DeleteBeer)
            .WithSummary("Deletes one beer for good and takes it out of all totals.")
            .RequireAuthorization(Policies.Pour);
        group.MapBeerPatch();
        group.MapBeerProposals();
        group.MapBeerExport();
    }

    private static async Task<Results<Created<BeerEnvelope>, Ok<BeerEnvelope>, ProblemHttpResult>> PostBeer(
        HttpRequest request,
        ClaimsPrincipal caller,
        BeerIntake intake,
        CancellationToken cancellationToken
    )
    {
        var json = request.Bytes();
        var item = PourReport.TryParse(json, out var report, out var refusal) ? new PourItem(report, null, json) : new PourItem(null, refusal, json);
        var result = Refuse(item, caller) ?? (await intake.TakeAsync([item], cancellationToken))[0];
        return result switch
        {
            { Status: StatusCodes.Status201Created, Beer: { } beer } => TypedResults.Created($"/api/beers/{beer.Id}", new BeerEnvelope(beer)),
            { Beer: { } beer } => TypedResults.Ok(new BeerEnvelope(beer)),
            _ => Problems.Of(result.Status, result.Detail, result.Member),
        };
    }

    private static async Task<Results<Ok<BeerResults>, ProblemHttpResult>> PostBeerBatch(
        HttpRequest request,
        ClaimsPrincipal caller,
        BeerIntake intake,
        CancellationToken cancellationToken
    )
    {
        if (!PourBatch.TryParse(request.Bytes(), MaxBatch, out var items, out var refusal))
        {
            return Problems.Of(refusal);
        }

        var refused = items.Select(item => Refuse(item, caller)).ToList();
        var good = items.Where((_, n) => refused[n] is null).ToList();
        var taken = new Queue<BeerResult>(good.Count == 0 ? [] : await intake.TakeAsync(good, cancellationToken));
        return TypedResults.Ok(new BeerResults([.. refused.Select(result => result ?? taken.Dequeue())]));
    }

    private static async Task<Ok<BeerList>> ListBeers(
        [AsParameters] BeerFilter filter,
        [AsParameters] TimeRange time,
        [FromQuery, Description("-timestamp: newest first; else in the order of insertion.")]
        [AllowedValues(null, "timestamp", "-timestamp", ErrorMessage = "The parameter 'sort' must be '-timestamp' (newest first) or absent.")]
            string? sort,
        [AsParameters] ListQuery<RowCursor> page,
        BeerQueries beers
    )
    {
        var pours = beers.Matching(filter, time);
        var isNewestFirst = sort == "-timestamp";
        var after = page.AfterOr(isNewestFirst ? RowCursor.Newest : default);
        var found = isNewestFirst
            ? await page.ReadAsync(
                pours
                    .Where(pour => EF.Functions.LessThan(ValueTuple.Create(pour.PouredAt, pour.Seq), ValueTuple.Create(after.Time, after.Seq)))
                    .OrderByDescending(pour => pour.PouredAt)
                    .ThenByDescending(pour => pour.Seq),
                pour => RowCursor.Of(pour.PouredAt, pour.Seq)
            )
            : await page.ReadAsync(pours.InsertedAfter(after.Place, after.Seq), RowCursor.Of);
        return TypedResults.Ok(new BeerList([.. found.Select(Beer.Of)]));
    }

    private static async Task<Results<Ok<BeerEnvelope>, ProblemHttpResult>> GetBeer(
        Guid id,
        BeerQueries beers,
        CancellationToken cancellationToken
    ) =>
        await beers.FindAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(new BeerEnvelope(Beer.Of(found)))
            : Problems.NotFound($"Beer {id}");

    private static async Task<Results<Ok<BeerTrace>, ProblemHttpResult>> GetBeerTrace(
        Guid id,
        BeerQueries beers,
        IOptions<TraceLinkOptions> links,
        CancellationToken cancellationToken
    ) =>
        await beers.FindAsync(id, cancellationToken) switch
        {
            null => Problems.NotFound($"Beer {id}"),
            { TraceId: { } trace } => TypedResults.Ok(new BeerTrace(trace.ToString("N"), links.Value.TraceUrl(trace.ToString("N")))),
            _ => Problems.Of(StatusCodes.Status404NotFound, $"Beer {id} came without a trace, or in more of them than are kept in a second."),
        };

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteBeer(
        Guid id,
        [FromQuery, Description("Why; it is kept."), MaxLength(200, ErrorMessage = "The parameter 'reason' must not be longer than 200 characters.")]
            string? reason,
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

        if (found is null || !await store.DeleteAsync(id, reason, cancellationToken))
        {
            return Problems.NotFound($"Beer {id}");
        }

        await deletions.PublishAsync(id);
        return TypedResults.NoContent();
    }

    private static BeerResult? Refuse(PourItem item, ClaimsPrincipal caller) =>
        item.Refusal is { } refusal ? new BeerResult(refusal.Status, null, refusal.Reason, refusal.Member)
        : item.Report?.TapId is not { } tapId ? new BeerResult(StatusCodes.Status422UnprocessableEntity, null, NoTap, "tapId")
        : !caller.MayPourAt(tapId) ? new BeerResult(StatusCodes.Status403Forbidden, null, NotItsTap, "tapId")
        : null;

    /// <summary>What became of a batch: a result for each item, in its order.</summary>
    internal sealed record BeerResults(IReadOnlyList<BeerResult> Results);

    /// <summary>The trace of a beer.</summary>
    /// <param name="TraceId">Its id, 32 hexadecimal digits.</param>
    /// <param name="Url">Its page in the Aspire dashboard; null where <c>Dashboard:TracesUrl</c> names none.</param>
    internal sealed record BeerTrace(string TraceId, string? Url);
}
