using System.ComponentModel;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Taps;

/// <summary>The cleaning mode of a tap: <c>/api/taps/{id}/cleaning</c>. What is poured meanwhile is cleaning and no sale.</summary>
internal static class CleaningApi
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    public static void MapCleaning(this RouteGroupBuilder taps) =>
        taps.MapGet("/{id:int}/cleaning", GetTapCleaning).WithSummary("Tells since when a tap is in cleaning mode; 404 while it is not.");

    public static void MapCleaningWrites(this RouteGroupBuilder taps)
    {
        taps.MapPut("/{id:int}/cleaning", PutTapCleaning)
            .WithSummary("Switches the cleaning mode of a tap on, or changes when it ends: what is poured meanwhile is cleaning and no sale.")
            .Takes("""{"until":"2026-03-01T20:15:04Z"}""")
            .ProducesProblem(422);
        taps.MapDelete("/{id:int}/cleaning", DeleteTapCleaning)
            .WithSummary("Switches the cleaning mode of a tap off. What was poured meanwhile stays cleaning.");
    }

    private static async Task<Results<Ok<CleaningShape>, ProblemHttpResult>> GetTapCleaning(
        int id,
        Cleanings cleanings,
        TimeProvider time,
        CancellationToken cancellationToken
    ) => await cleanings.FindAsync(id, time.GetUtcNow(), cancellationToken) is { } found ? TypedResults.Ok(CleaningShape.Of(found)) : Off(id);

    private static async Task<Results<Ok<CleaningShape>, ProblemHttpResult>> PutTapCleaning(
        int id,
        CleaningPut put,
        Cleanings cleanings,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        if (put.From > now || now - put.From > Longest)
        {
            return Problems.Of(Refusal.Unprocessable("from", "The member 'from' must be within the last 24 hours."));
        }

        if (put.Until <= (put.From ?? now) || put.Until - now > Longest)
        {
            return Problems.Of(Refusal.Unprocessable("until", "The member 'until' must be after the beginning and within 24 hours from now."));
        }

        return await cleanings.BeginAsync(id, put.From, put.Until, cancellationToken) is var (cleaning, proposed)
            ? TypedResults.Ok(CleaningShape.Of(cleaning) with { Proposed = proposed })
            : Problems.NotFound($"Tap {id}");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteTapCleaning(
        int id,
        Cleanings cleanings,
        CancellationToken cancellationToken
    ) => await cleanings.EndAsync(id, cancellationToken) ? TypedResults.NoContent() : Off(id);

    private static ProblemHttpResult Off(int id) => Problems.Of(StatusCodes.Status404NotFound, $"Tap {id} is not in cleaning mode.");

    /// <summary>The cleaning mode of a tap.</summary>
    internal sealed record CleaningShape(
        DateTimeOffset From,
        [property: Description("When it ends by itself; null for when it is switched off.")] DateTimeOffset? Until,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        [property: Description("Of a change: beers poured since 'from' that are stored as sales, and are now proposed to be cleaning.")]
            int? Proposed = null
    )
    {
        public static CleaningShape Of(Cleaning row) => new(row.BeganAt, row.EndsAt);
    }
}

/// <summary>The cleaning mode as it is put.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CleaningPut(
    [property: Description("When it ends by itself, an RFC 3339 time within 24 hours from now; when it is switched off, when absent.")]
        DateTimeOffset? Until = null,
    [property: Description(
        "Since when, an RFC 3339 time within the last 24 hours; now, when absent. Sales stored since then are proposed to be cleaning."
    )]
        DateTimeOffset? From = null
);
