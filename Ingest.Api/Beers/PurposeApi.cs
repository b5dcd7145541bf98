using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Taproom.Pours;
using Taproom.Store;

namespace Ingest.Api.Beers;

/// <summary>What a beer was for, said after it was poured: <c>PATCH /api/beers/{id}</c>.</summary>
internal static class PurposeApi
{
    /// <summary>Maps the call below the beers, for admins.</summary>
    public static void MapBeerPurpose(this RouteGroupBuilder beers) =>
        beers
            .MapPatch("/{id:guid}", PatchBeer)
            .WithName("PatchBeer")
            .WithSummary("Says what a beer was for. It stays in all totals: it left the keg.")
            .RequireAuthorization(Policies.Admin)
            .Takes("""{"purpose":"foam","reason":"The keg ran empty"}""");

    private static async Task<Results<Ok<BeerEnvelope>, ProblemHttpResult>> PatchBeer(
        Guid id,
        BeerPatch patch,
        BeerQueries beers,
        PourStore store,
        CancellationToken cancellationToken
    ) =>
        // One that was accepted a moment ago is waited for.
        await beers.FindAsync(id, cancellationToken) is not null
        && await store.SetPurposeAsync(id, Purposes.Parse(patch.Purpose)!.Value, patch.Reason, cancellationToken)
        && await beers.FindAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(new BeerEnvelope(Beer.Of(found)))
            : Problems.NotFound($"Beer {id}");
}

/// <summary>What a beer was for.</summary>
/// <param name="Purpose">One of the purposes, by name.</param>
/// <param name="Reason">Why somebody says so.</param>
public sealed record BeerPatch(
    [property: Description("sale, cleaning, foam, spill or taster")]
    [property: AllowedValues("sale", "cleaning", "foam", "spill", "taster", ErrorMessage = $"The member 'purpose' must be {Purposes.List}.")]
        string Purpose,
    [property: Text(200, IsOptional = true)] string? Reason = null
);
