using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Pours;
using Taproom.Signals;
using Taproom.Store;

namespace Ingest.Api.Beers;

/// <summary>What somebody knows better of a beer after it was poured: <c>PATCH /api/beers/{id}</c>.</summary>
internal static class BeerPatchApi
{
    public static void MapBeerPatch(this RouteGroupBuilder beers) =>
        beers
            .MapPatch("/{id:guid}", PatchBeer)
            .WithSummary(
                "Says what a beer was for, or which tap it belongs to (totals, hours and keg levels follow it), or answers what a rule proposes."
            )
            .RequireAuthorization(Policies.Staff)
            .Takes("""{"purpose":"foam","reason":"The keg ran empty"}""")
            .ProducesProblem(409)
            .ProducesProblem(422);

    private static async Task<Results<Ok<BeerEnvelope>, ProblemHttpResult>> PatchBeer(
        Guid id,
        BeerPatch patch,
        BeerQueries beers,
        BeerChanges changes,
        CancellationToken cancellationToken
    ) =>
        // One that was accepted a moment ago is waited for.
        await beers.FindAsync(id, cancellationToken) is not { } before
            ? Missing(id)
        : await changes.ApplyAsync(before, patch, cancellationToken) is { } problem ? problem
        : await beers.FindAsync(id, cancellationToken) is { } after ? TypedResults.Ok(new BeerEnvelope(Beer.Of(after)))
        : Missing(id);

    private static ProblemHttpResult Missing(Guid id) => Problems.NotFound($"Beer {id}");
}

/// <summary>Changes stored beers.</summary>
internal sealed class BeerChanges(TaproomDb db, PourStore store, Proposals proposals, Reassignment reassignment, TapChanges tapChanges)
{
    /// <summary>Does what a patch says: all of it, or nothing.</summary>
    /// <returns>Why it was not done; null when it was.</returns>
    public async Task<ProblemHttpResult?> ApplyAsync(StoredPour pour, BeerPatch patch, CancellationToken cancellationToken)
    {
        var tapId = patch.TapId == pour.TapId ? null : patch.TapId;
        if (tapId is not null && !await db.Taps.AnyAsync(tap => tap.Id == tapId, cancellationToken))
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, $"Tap {tapId} does not exist.", "tapId");
        }

        if (patch.Proposal is not null && pour.ProposedPurpose is null)
        {
            return Problems.Of(StatusCodes.Status409Conflict, $"Nothing is proposed for beer {pour.Id}.", "proposal");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (
            (tapId is { } to && !await reassignment.MoveAsync(pour.Id, pour.TapId, to, patch.Reason!, cancellationToken))
            || (Purposes.Parse(patch.Purpose) is { } purpose && !await store.SetPurposeAsync(pour.Id, purpose, patch.Reason, cancellationToken))
            || (
                patch.Proposal is { } answer && !await proposals.AnswerAsync(pour.Id, BeerAnswers.IsAccepted(answer), patch.Reason, cancellationToken)
            )
        )
        {
            return Problems.Of(StatusCodes.Status409Conflict, $"Somebody else has just changed beer {pour.Id}. Look at it again.");
        }

        await transaction.CommitAsync(cancellationToken);
        foreach (var changed in (int[])(tapId is null ? [] : [pour.TapId, tapId.Value]))
        {
            await tapChanges.PublishAsync(changed);
        }

        return null;
    }
}

/// <summary>What is to be changed; at least one of purpose (or the answer to a proposed one) and tap.</summary>
/// <param name="Reason">Why somebody says so.</param>
public sealed record BeerPatch(
    [property: Description("sale, cleaning, foam, spill or taster")]
    [property: AllowedValues(null, "sale", "cleaning", "foam", "spill", "taster", ErrorMessage = $"The member 'purpose' must be {Purposes.List}.")]
        string? Purpose = null,
    [property: Description("The tap that it belongs to, one that is known; asks for a reason.")]
    [property: Range(1, int.MaxValue, ErrorMessage = "The member 'tapId' must be a whole number, 1 or more.")]
        int? TapId = null,
    [property: Text(200, IsOptional = true)] string? Reason = null,
    [property: Description("accept or decline: the answer to the purpose that a rule proposes; in place of 'purpose'")]
    [property: AllowedValues(null, BeerAnswers.Accept, BeerAnswers.Decline, ErrorMessage = BeerAnswers.Wrong)]
        string? Proposal = null
) : IValidatableObject
{
    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Purpose is null && TapId is null && Proposal is null)
        {
            yield return new ValidationResult("The body must have the member 'purpose', 'proposal' or 'tapId'.", [nameof(Purpose)]);
        }

        if (Purpose is not null && Proposal is not null)
        {
            yield return new ValidationResult("The members 'purpose' and 'proposal' cannot go together.", [nameof(Proposal)]);
        }

        if (TapId is not null && Reason is null)
        {
            yield return new ValidationResult("The member 'reason' must say why the beer belongs to another tap.", [nameof(Reason)]);
        }
    }
}
