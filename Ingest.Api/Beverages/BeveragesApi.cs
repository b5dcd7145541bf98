using System.ComponentModel;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Taproom.Store;

namespace Ingest.Api.Beverages;

/// <summary>The resource <c>/api/beverages</c>: what is in kegs, told once.</summary>
internal static class BeveragesApi
{
    public static void MapBeverages(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/beverages").WithTags("Beverages");
        group.MapGet("", ListBeverages).WithSummary("Lists beverages by name.");
        group.MapGet("/{id:guid}", GetBeverage).WithSummary("Gets one beverage.");

        var writes = group.MapGroup("").RequireAuthorization(Policies.Staff);
        writes
            .MapPost("", PostBeverage)
            .WithSummary("Adds a beverage.")
            .Takes("""{"name":"Märzen","brewery":"Hofbräu","style":"Märzen","abvPercent":5.8,"ibu":24,"colorEbc":22,"pricePerLitre":9.80}""")
            .ProducesProblem(409);
        writes
            .MapPatch("/{id:guid}", PatchBeverage)
            .WithSummary("Changes the members that are given; kegs and sales follow a new name.")
            .Takes("""{"abvPercent":5.8}""")
            .ProducesProblem(409)
            .ProducesProblem(412)
            // However many sales follow; each command has its own time.
            .DisableRequestTimeout();
        writes.MapDelete("/{id:guid}", DeleteBeverage).WithSummary("Removes a beverage that no keg and no sale names.").ProducesProblem(409);
    }

    private static async Task<Ok<BeverageList>> ListBeverages(
        [FromQuery, Description("Only those that are archived, or only those that are not.")] bool? archived,
        [AsParameters] ListQuery<Guid> query,
        TaproomDb db
    )
    {
        var beverages = archived is { } wanted ? db.Beverages.Where(row => row.IsArchived == wanted) : db.Beverages;
        // A name may be long, so the cursor is the id of the last one. Renamed meanwhile, the list goes on after its new name.
        if (query.AfterOr(default) is var after && after != default)
        {
            beverages = beverages.Where(row => row.NameKey.CompareTo(db.Beverages.Where(last => last.Id == after).Max(last => last.NameKey)) > 0);
        }

        var found = await query.ReadAsync(beverages.OrderBy(row => row.NameKey), row => row.Id);
        return TypedResults.Ok(new BeverageList([.. found.Select(BeverageShape.Of)]));
    }

    private static async Task<Results<Ok<BeverageShape>, ProblemHttpResult>> GetBeverage(
        Guid id,
        TaproomDb db,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (await db.Beverages.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } beverage)
        {
            return Missing(id);
        }

        Editions.Show(context, beverage.Edition);
        return TypedResults.Ok(BeverageShape.Of(beverage));
    }

    private static async Task<Results<Created<BeverageShape>, ProblemHttpResult>> PostBeverage(
        BeveragePost post,
        HttpRequest request,
        TaproomDb db,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var beverage = post.ToBeverage(Guid.CreateVersion7(time.GetUtcNow()), request.Members());
        db.Beverages.Add(beverage);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException ex) when (IsTaken(ex.InnerException))
        {
            return Taken(post.Name);
        }

        return TypedResults.Created($"/api/beverages/{beverage.Id}", BeverageShape.Of(beverage));
    }

    private static async Task<Results<Ok<BeverageShape>, ProblemHttpResult>> PatchBeverage(
        Guid id,
        BeveragePatch patch,
        [FromHeader(Name = "If-Match"), Description("The ETag of GET /api/beverages/{id}: 412 when somebody has changed it since.")] string? ifMatch,
        TaproomDb db,
        BeverageNames beverages,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.Beverages.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } before)
        {
            return Missing(id);
        }

        if (patch.Name is { } name && name != before.Name)
        {
            // Before the beverage itself: locks are taken in that order.
            await beverages.RenameAsync(before.Name, name, cancellationToken);
        }

        var now = (
            await db.Beverages.FromSql($"SELECT * FROM beverages WHERE id = {id} FOR NO KEY UPDATE").ToListAsync(cancellationToken)
        ).SingleOrDefault();
        if (now is null)
        {
            return Missing(id);
        }

        // One that was renamed between the two looks has other kegs than those that were changed here.
        if (now.Name != before.Name || Editions.Expected<int>(ifMatch)?.Invoke(now.Edition) is false)
        {
            return Editions.Changed($"Somebody else has changed the beverage {now.Name} meanwhile.");
        }

        try
        {
            db.Beverages.Update(patch.Apply(now, context.Request.Members()));
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException ex) when (IsTaken(ex.InnerException))
        {
            return Taken(patch.Name!);
        }

        await transaction.CommitAsync(cancellationToken);
        db.ChangeTracker.Clear();
        return await GetBeverage(id, db, context, cancellationToken);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteBeverage(
        Guid id,
        TaproomDb db,
        BeverageNames beverages,
        CancellationToken cancellationToken
    )
    {
        if (await db.Beverages.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } beverage)
        {
            return Missing(id);
        }

        if (await beverages.IsUsedAsync(beverage.Name, cancellationToken))
        {
            return Problems.Of(
                StatusCodes.Status409Conflict,
                $"There are kegs or sales of {beverage.Name}, so it stays; PATCH it with \"archived\": true to hide it."
            );
        }

        await db.Beverages.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static bool IsTaken(Exception? exception) => exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    private static ProblemHttpResult Taken(string name) =>
        Problems.Of(StatusCodes.Status409Conflict, $"There is a beverage {name} already; names that differ by case only are the same.", "name");

    private static ProblemHttpResult Missing(Guid id) => Problems.NotFound($"Beverage {id}");

    internal sealed record BeverageList(IReadOnlyList<BeverageShape> Beverages);
}
