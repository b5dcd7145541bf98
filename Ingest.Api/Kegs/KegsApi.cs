using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Pours;
using Taproom.Store;

namespace Ingest.Api.Kegs;

/// <summary>The resource <c>/api/kegs</c>.</summary>
internal static class KegsApi
{
    /// <summary>Maps the resource.</summary>
    public static RouteGroupBuilder MapKegs(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/kegs").WithTags("Kegs");
        group.MapGet("", ListKegs).WithName("ListKegs").WithSummary("Lists kegs in the order of insertion.");
        group.MapGet("/{id:guid}", GetKeg).WithName("GetKeg").WithSummary("Gets one keg.");
        group
            .MapPost("", PostKeg)
            .WithName("PostKeg")
            .WithSummary("Adds a full keg.")
            .RequireAuthorization(Policies.Admin)
            .Takes("""{"beverage":"Pils","sizeMl":30000}""");
        return group;
    }

    private static async Task<Ok<KegList>> ListKegs(
        [AsParameters] ListQuery<RowCursor> query,
        TaproomDb db,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var after = query.AfterOr(default);
        var kegs = db.Kegs.InsertedAfter(after.Place, after.Seq);
        var found = await query.ReadAsync(kegs, keg => $"{RowCursor.Of(keg)}", context, cancellationToken);
        return TypedResults.Ok(new KegList([.. found.Select(KegShape.Of)]));
    }

    private static async Task<Results<Ok<KegShape>, ProblemHttpResult>> GetKeg(Guid id, TaproomDb db, CancellationToken cancellationToken) =>
        await db.Kegs.SingleOrDefaultAsync(keg => keg.Id == id, cancellationToken) is { } keg
            ? TypedResults.Ok(KegShape.Of(keg))
            : Problems.NotFound($"Keg {id}");

    private static async Task<Created<KegShape>> PostKeg(KegPost post, TaproomDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        var sizeMl = Volumes.Round(post.SizeMl);
        var keg = new Keg
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            Beverage = post.Beverage,
            SizeMl = sizeMl,
            LevelMl = sizeMl,
        };
        db.Kegs.Add(keg);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Created($"/api/kegs/{keg.Id}", KegShape.Of(keg));
    }

    /// <summary>A page of kegs.</summary>
    private sealed record KegList(IReadOnlyList<KegShape> Kegs);
}

/// <summary>A keg as it is posted.</summary>
/// <param name="Beverage">What is in it.</param>
/// <param name="SizeMl">Its size in mL; a tank of a brewery holds less than 1,000,000 L.</param>
public sealed record KegPost(
    [property: Text(200)] string Beverage,
    [property: Range(0.001, 1_000_000_000, ErrorMessage = "The member 'sizeMl' must be a number above 0, at most 1000000000.")] decimal SizeMl
);
