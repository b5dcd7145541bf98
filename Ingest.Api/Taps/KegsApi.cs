using Ingest.Api.Access;
using Ingest.Api.Answers;
using Ingest.Api.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Taps;

/// <summary>The resource <c>/api/kegs</c>.</summary>
internal static class KegsApi
{
    private const int MaxBeverage = 200;

    /// <summary>A tank of a brewery holds less: 1,000,000 L.</summary>
    private const decimal MaxSizeMl = 1_000_000_000;

    /// <summary>Maps the resource.</summary>
    public static RouteGroupBuilder MapKegs(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/kegs").WithTags("Kegs").ProducesProblem(429).ProducesProblem(503);
        group.MapGet("", ListKegs).WithName("ListKegs").WithSummary("Lists kegs in the order of insertion.").ProducesProblem(400);
        group.MapGet("/{id:guid}", GetKeg).WithName("GetKeg").WithSummary("Gets one keg.").ProducesProblem(404);
        group
            .MapPost("", PostKeg)
            .WithName("PostKeg")
            .WithSummary("Adds a full keg.")
            .RequireAuthorization(Policies.Admin)
            .Takes(typeof(KegPost), """{"beverage":"Pils","sizeMl":30000}""")
            .ProducesProblem(400)
            .ProducesProblem(401)
            .ProducesProblem(403);
        return group;
    }

    private static async Task<Results<Ok<KegList>, ProblemHttpResult>> ListKegs(
        [AsParameters] ListQuery query,
        TaproomDb db,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (!query.TryRead(byTime: false, out var part, out var refusal))
        {
            return Problems.Of(refusal!);
        }

        var after = part.After?.Seq ?? 0;
        var found = await part.Of(db.Kegs.Where(keg => keg.Seq > after).OrderBy(keg => keg.Seq)).ToListAsync(cancellationToken);
        return TypedResults.Ok(new KegList([.. part.Cut(found, context, keg => $"{keg.Seq}").Select(KegShape.Of)]));
    }

    private static async Task<Results<Ok<KegShape>, ProblemHttpResult>> GetKeg(Guid id, TaproomDb db, CancellationToken cancellationToken) =>
        await db.Kegs.SingleOrDefaultAsync(keg => keg.Id == id, cancellationToken) is { } keg
            ? TypedResults.Ok(KegShape.Of(keg))
            : Problems.NotFound($"Keg {id}");

    private static async Task<Results<Created<KegShape>, ProblemHttpResult>> PostKeg(
        HttpRequest request,
        TaproomDb db,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        if (!StrictJson.TryParseObject(await request.ReadAllAsync(cancellationToken), out var document, out var refusal))
        {
            return Problems.Of(refusal);
        }

        using (document)
        {
            if (
                !document.RootElement.TryGetText("beverage", MaxBeverage, out var beverage, out refusal)
                || !document.RootElement.TryGetPositive("sizeMl", MaxSizeMl, out var sizeMl, out refusal)
            )
            {
                return Problems.Of(refusal);
            }

            var keg = new Keg
            {
                Id = Guid.CreateVersion7(time.GetUtcNow()),
                Beverage = beverage,
                SizeMl = sizeMl,
                LevelMl = sizeMl,
            };
            db.Kegs.Add(keg);
            await db.SaveChangesAsync(cancellationToken);
            return TypedResults.Created($"/api/kegs/{keg.Id}", KegShape.Of(keg));
        }
    }

    private sealed record KegPost(string Beverage, decimal SizeMl);

    /// <summary>A page of kegs.</summary>
    private sealed record KegList(IReadOnlyList<KegShape> Kegs);
}
