using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Ingest.Api.Kegs;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Taps;

/// <summary>The keg on a tap: <c>/api/taps/{id}/keg</c>.</summary>
internal static class TapKegApi
{
    private const string WhatIfMatchIs = "The ETag of GET /api/taps/{id}: 412 when another keg is on the tap by now.";

    public static void MapTapKeg(this RouteGroupBuilder taps)
    {
        taps.MapPut("/{id:int}/keg", PutTapKeg)
            .WithSummary("Puts a keg on a tap, in place of the one before; with If-Match only in place of the one that the caller has seen.")
            .Takes("""{"kegId":"0199f5a0-0000-7000-8000-000000000001","empty":true}""")
            .ProducesProblem(409)
            .ProducesProblem(412);
        taps.MapDelete("/{id:int}/keg", DeleteTapKeg).WithSummary("Takes the keg off a tap.").ProducesProblem(412);
    }

    private static async Task<Results<Ok<TapShape>, ProblemHttpResult>> PutTapKeg(
        int id,
        TapKegPut put,
        [FromHeader(Name = "If-Match"), Description(WhatIfMatchIs)] string? ifMatch,
        TapRegistry registry,
        BeverageNames beverages,
        TaproomDb db,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var kegId = put.KegId ?? Guid.CreateVersion7(time.GetUtcNow());
        var change = new KegChange(id, kegId)
        {
            NewKeg = put.NewKeg is { } full ? async () => full.ToKeg(kegId, await beverages.NameAsync(full.Beverage, cancellationToken)) : null,
            IsEmptied = put.Empty is true,
            Expects = Editions.Expected<Guid?>(ifMatch),
        };
        var move = await registry.PutKegAsync(change, cancellationToken);
        var tap = move is KegMove.Done ? await registry.FindAsync(id, cancellationToken) : null;
        if (tap?.Keg is { } keg)
        {
            context.Note($"Tap {id} has {keg.Beverage} now, keg {keg.Id} of {keg.SizeMl} mL.");
        }

        return move switch
        {
            KegMove.Done => TypedResults.Ok(tap),
            KegMove.NoTap => Missing(id),
            KegMove.NoKeg => Problems.Of(StatusCodes.Status404NotFound, $"Keg {put.KegId} does not exist.", "kegId"),
            KegMove.Changed => await ChangedAsync(id, db, cancellationToken),
            _ => Problems.Of(StatusCodes.Status409Conflict, $"Keg {put.KegId} is on another tap.", "kegId"),
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteTapKeg(
        int id,
        [FromQuery, Description("Whether the keg is empty, which ends it; else it goes back to the stock.")] bool? empty,
        [FromHeader(Name = "If-Match"), Description(WhatIfMatchIs)] string? ifMatch,
        TapRegistry registry,
        TaproomDb db,
        CancellationToken cancellationToken
    ) =>
        await registry.TakeKegOffAsync(id, empty is true, Editions.Expected<Guid?>(ifMatch), cancellationToken) switch
        {
            KegMove.Done => TypedResults.NoContent(),
            KegMove.Changed => await ChangedAsync(id, db, cancellationToken),
            _ => Problems.Of(StatusCodes.Status404NotFound, $"There is no keg on tap {id}."),
        };

    private static async Task<ProblemHttpResult> ChangedAsync(int id, TaproomDb db, CancellationToken cancellationToken) =>
        Editions.Changed(
            await db.Kegs.SingleOrDefaultAsync(keg => keg.TapId == id, cancellationToken) is { } keg
                ? $"Somebody else has changed the keg of tap {id} meanwhile: it is {keg.Beverage} now."
                : $"Somebody else has taken the keg off tap {id} meanwhile."
        );

    private static ProblemHttpResult Missing(int id) => Problems.NotFound($"Tap {id}");
}

/// <summary>Which keg is put on a tap: one that is there, or a new one.</summary>
public sealed record TapKegPut(
    [property: Description("The keg; in place of beverage and sizeMl.")] Guid? KegId = null,
    [property: Description("What is in a new, full keg, which is added with this."), Text(200, IsOptional = true)] string? Beverage = null,
    [property: Description("The size of the new keg in mL."), Range(0.001, KegLimits.MaxMl, ErrorMessage = KegLimits.Size)] decimal? SizeMl = null,
    [property: Description("What the new keg weighs empty, in g."), Range(0, KegLimits.MaxG, ErrorMessage = KegLimits.Tare)] decimal? TareG = null,
    [property: Description("What the new keg cost, in the venue's money."), Range(0, KegLimits.MaxCost, ErrorMessage = KegLimits.Cost)]
        decimal? Cost = null,
    [property: Description("Whether the keg that was on the tap is empty, which ends it; else it goes back to the stock.")] bool? Empty = null
) : IValidatableObject
{
    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (KegId is null ? Beverage is null || SizeMl is null : (Beverage ?? (object?)SizeMl ?? TareG ?? Cost) is not null)
        {
            yield return new ValidationResult("Either 'kegId', a UUID, or both 'beverage' and 'sizeMl' must be given.", ["kegId"]);
        }
    }

    /// <summary>The new keg; null where one is named that is there.</summary>
    internal KegPost? NewKeg => KegId is null ? new(Beverage!, SizeMl!.Value, TareG, Cost) : null;
}
