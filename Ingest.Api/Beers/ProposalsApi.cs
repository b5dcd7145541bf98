using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Taproom.Store;

namespace Ingest.Api.Beers;

/// <summary>Answers what rules propose for beers, all of a tap and time at once: <c>PATCH /api/beers</c>.</summary>
internal static class ProposalsApi
{
    public static void MapBeerProposals(this RouteGroupBuilder beers) =>
        beers
            .MapPatch("", PatchProposedBeers)
            .WithSummary("Accepts or declines what rules propose for the beers of a tap, all or those of a time.")
            .RequireAuthorization(Policies.Staff)
            .Takes("""{"tapId":7,"proposal":"accept","from":"2026-03-01T20:00:00Z","to":"2026-03-01T21:00:00Z"}""");

    private static async Task<Ok<ChangedBeers>> PatchProposedBeers(BeersPatch patch, Proposals proposals, CancellationToken cancellationToken) =>
        TypedResults.Ok(
            new ChangedBeers(
                await proposals.AnswerAsync(
                    patch.TapId,
                    patch.From ?? DateTimeOffset.MinValue,
                    patch.To ?? DateTimeOffset.MaxValue,
                    BeerAnswers.IsAccepted(patch.Proposal),
                    patch.Reason,
                    cancellationToken
                )
            )
        );

    /// <summary>How many beers a call has changed.</summary>
    internal sealed record ChangedBeers(int Changed);
}

/// <summary>What a person says to a proposal.</summary>
internal static class BeerAnswers
{
    /// <summary>It is as the rule proposes.</summary>
    public const string Accept = "accept";

    /// <summary>It is not.</summary>
    public const string Decline = "decline";

    /// <summary>What is said of anything else.</summary>
    public const string Wrong = "The member 'proposal' must be 'accept' or 'decline'.";

    /// <summary>Whether it is accepted.</summary>
    public static bool IsAccepted(string answer) => answer == Accept;
}

/// <summary>An answer to all that is proposed for a tap.</summary>
/// <param name="TapId">The tap.</param>
/// <param name="Proposal">The answer.</param>
/// <param name="From">Poured at this time or later.</param>
/// <param name="To">Poured before this time.</param>
/// <param name="Reason">Why somebody says so.</param>
public sealed record BeersPatch(
    [property: Description("1 or more."), Range(1, int.MaxValue, ErrorMessage = "The member 'tapId' must be a whole number, 1 or more.")] int TapId,
    [property: Description("accept or decline")]
    [property: AllowedValues(BeerAnswers.Accept, BeerAnswers.Decline, ErrorMessage = BeerAnswers.Wrong)]
        string Proposal,
    [property: Description("Poured at this RFC 3339 time or later; from the first on, when absent.")] DateTimeOffset? From = null,
    [property: Description("Poured before this RFC 3339 time; to the last, when absent.")] DateTimeOffset? To = null,
    [property: Text(200, IsOptional = true)] string? Reason = null
);
