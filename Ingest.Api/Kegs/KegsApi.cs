using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Taproom.Signals;
using Taproom.Store;

namespace Ingest.Api.Kegs;

/// <summary>The resource <c>/api/kegs</c>.</summary>
internal static class KegsApi
{
    public static void AddKegs(this IHostApplicationBuilder builder) => builder.Services.AddScoped<KegStory>();

    public static void MapKegs(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/kegs").WithTags("Kegs");
        group.MapGet("", ListKegs).WithSummary("Lists kegs in the order of insertion.");
        group.MapGet("/{id:guid}", GetKeg).WithSummary("Gets one keg, where it was, and when it will be empty.");
        group.MapGet("/{id:guid}/yield", GetKegYield).WithSummary("Gets what became of what was in a keg.");

        var writes = group.MapGroup("").RequireAuthorization(Policies.Staff);
        writes
            .MapPost("", PostKeg)
            .WithSummary("Adds a full keg; the same id again adds none.")
            .Takes("""{"beverage":"Pils","sizeMl":30000,"tareG":9800,"cost":84.50}""");
        writes
            .MapPatch("/{id:guid}", PatchKeg)
            .WithSummary("Changes the members that are given; with If-Match only the keg that the caller has seen.")
            .Takes("""{"cost":84.50}""")
            .ProducesProblem(409)
            .ProducesProblem(412);
        writes.MapDelete("/{id:guid}", DeleteKeg).WithSummary("Removes a keg that was never on a tap.").ProducesProblem(409);
        writes.MapKegReadings();
    }

    private static async Task<Ok<KegList>> ListKegs(
        [FromQuery, Description("Only those in stock, on a tap, or ended: stock, tap or ended.")]
        [AllowedValues("stock", "tap", "ended", null, ErrorMessage = "The parameter 'state' must be 'stock', 'tap' or 'ended'.")]
            string? state,
        [AsParameters] ListQuery<RowCursor> query,
        TaproomDb db
    )
    {
        var after = query.AfterOr(default);
        var kegs = state switch
        {
            "stock" => db.Kegs.Where(keg => keg.TapId == null && keg.EmptiedAt == null),
            "tap" => db.Kegs.Where(keg => keg.TapId != null),
            "ended" => db.Kegs.Where(keg => keg.TapId == null && keg.EmptiedAt != null),
            _ => db.Kegs,
        };
        var found = await query.ReadAsync(kegs.InsertedAfter(after.Place, after.Seq), RowCursor.Of);
        return TypedResults.Ok(new KegList([.. found.Select(KegShape.Of)]));
    }

    private static async Task<Results<Ok<KegDetail>, ProblemHttpResult>> GetKeg(
        Guid id,
        TaproomDb db,
        KegStory story,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (await FindAsync(db, id, cancellationToken) is not { } keg)
        {
            return Missing(id);
        }

        Editions.Show(context, keg.Edition);
        return TypedResults.Ok(await story.ReadAsync(keg, cancellationToken));
    }

    private static async Task<Results<Ok<YieldShape>, ProblemHttpResult>> GetKegYield(
        Guid id,
        TaproomDb db,
        KegStory story,
        CancellationToken cancellationToken
    ) => await FindAsync(db, id, cancellationToken) is { } keg ? TypedResults.Ok(await story.YieldAsync(keg, cancellationToken)) : Missing(id);

    private static async Task<Results<Created<KegShape>, Ok<KegShape>, ProblemHttpResult>> PostKeg(
        KegPost post,
        TaproomDb db,
        BeverageNames beverages,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var keg = post.ToKeg(post.Id ?? Guid.CreateVersion7(time.GetUtcNow()), await beverages.NameAsync(post.Beverage, cancellationToken));
        var added = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO kegs (id, beverage, size_ml, level_ml, tare_g, cost)
            VALUES ({keg.Id}, {keg.Beverage}, {keg.SizeMl}, {keg.LevelMl}, {keg.TareG}, {keg.Cost})
            ON CONFLICT (id) DO NOTHING
            """,
            cancellationToken
        );
        if (added == 0)
        {
            // As it is now; the beverage of a post that does nothing is not made either.
            return await FindAsync(db, keg.Id, cancellationToken) is { } known ? TypedResults.Ok(KegShape.Of(known)) : Missing(keg.Id);
        }

        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Created($"/api/kegs/{keg.Id}", KegShape.Of(keg));
    }

    private static async Task<Results<Ok<KegShape>, ProblemHttpResult>> PatchKeg(
        Guid id,
        KegPatch patch,
        [
            FromHeader(Name = "If-Match"),
            Description("The ETag of GET /api/kegs/{id}: 412 when somebody has changed the keg since. Beers do not count.")
        ]
            string? ifMatch,
        HttpRequest request,
        KegStock stock,
        TaproomDb db,
        TapChanges changes,
        CancellationToken cancellationToken
    )
    {
        var move = await stock.ChangeAsync(id, patch.ToEdit(request.Members()), Editions.Expected<int>(ifMatch), cancellationToken);
        if (await FindAsync(db, id, cancellationToken) is not { } keg || move is KegMove.NoKeg)
        {
            return Missing(id);
        }

        if (move is KegMove.Changed)
        {
            return Editions.Changed($"Somebody else has changed keg {id} meanwhile.");
        }

        if (move is KegMove.Elsewhere)
        {
            return Problems.Of(
                StatusCodes.Status409Conflict,
                $"Keg {id} is on tap {keg.TapId}: take it off with DELETE /api/taps/{keg.TapId}/keg?empty=true.",
                "empty"
            );
        }

        if (keg.TapId is { } tapId)
        {
            await changes.PublishAsync(tapId);
        }

        return TypedResults.Ok(KegShape.Of(keg));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteKeg(Guid id, TaproomDb db, CancellationToken cancellationToken) =>
        await db.Kegs.Where(keg => keg.Id == id && keg.TappedAt == null).ExecuteDeleteAsync(cancellationToken) > 0 ? TypedResults.NoContent()
        : await FindAsync(db, id, cancellationToken) is null ? Missing(id)
        : Problems.Of(
            StatusCodes.Status409Conflict,
            $"Keg {id} was on a tap, so its beers are counted by it; it stays. PATCH it with 'empty' to end it."
        );

    private static Task<Keg?> FindAsync(TaproomDb db, Guid id, CancellationToken cancellationToken) =>
        db.Kegs.SingleOrDefaultAsync(keg => keg.Id == id, cancellationToken);

    private static ProblemHttpResult Missing(Guid id) => Problems.NotFound($"Keg {id}");

    internal sealed record KegList(IReadOnlyList<KegShape> Kegs);
}
