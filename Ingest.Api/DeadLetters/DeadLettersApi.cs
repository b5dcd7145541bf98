using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Taproom.Ingest;

namespace Ingest.Api.DeadLetters;

/// <summary>The resource <c>/api/dead-letters</c>: what was set aside. For the admin only, as it may hold anything.</summary>
internal static class DeadLettersApi
{
    // Where a letter stands in the stream; anything else is the id of none.
    private const string ById = @"/{id:regex(^\d{{1,19}}-\d{{1,19}}$)}";

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/dead-letters").WithTags("Dead letters").RequireAuthorization(Policies.Admin);
        group.MapGet("", ListDeadLetters).WithSummary("Lists what was set aside, oldest first or newest first.");
        group.MapGet(ById, GetDeadLetter).WithSummary("Gets one dead letter.");
        group
            .MapPost($"{ById}/requeue", RequeueDeadLetter)
            .WithSummary("Moves one back into the ingest stream, unless it can never be stored.")
            .ProducesProblem(422);
        group
            .MapPost("/requeue", RequeueDeadLetters)
            .WithSummary(
                "Moves all that match back into the ingest stream, for as long as a second takes; 'more' tells that some are left, the Link header where it goes on."
            );
        group.MapDelete(ById, DeleteDeadLetter).WithSummary("Deletes one for good.");
    }

    private static async Task<Results<Ok<DeadLetterList>, ProblemHttpResult>> ListDeadLetters(
        [AsParameters] DeadLetterMatch match,
        [FromQuery, Description("-failedAt: newest first; else oldest first.")]
        [AllowedValues(null, "-failedAt", ErrorMessage = "The parameter 'sort' must be '-failedAt' (newest first) or absent.")]
            string? sort,
        [AsParameters] ListQuery<DeadLetterCursor> page,
        Taproom.Ingest.DeadLetters letters
    )
    {
        if (page.Page > 1)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest,
                "This list has no numbered pages: it goes on where the Link header of the page before says.",
                "page"
            );
        }

        var (found, next) = await letters.FindAsync(match.Filter, page.After, page.Size, sort == "-failedAt");
        if (next is not null)
        {
            page.LinkNext(next);
        }

        return TypedResults.Ok(new DeadLetterList([.. found.Select(DeadLetterShape.Of)]));
    }

    private static async Task<Results<Ok<DeadLetterShape>, ProblemHttpResult>> GetDeadLetter(string id, Taproom.Ingest.DeadLetters letters) =>
        await letters.FindAsync(id) is { } letter ? TypedResults.Ok(DeadLetterShape.Of(letter)) : Missing();

    private static async Task<Results<NoContent, ProblemHttpResult>> RequeueDeadLetter(string id, Taproom.Ingest.DeadLetters letters) =>
        await letters.FindAsync(id) is not { } letter
            ? Missing()
            : await letters.RequeueAsync(id) switch
            {
                Requeued.Done => TypedResults.NoContent(),
                Requeued.Refused => Problems.Of(StatusCodes.Status422UnprocessableEntity, $"This can never be stored: {letter.Reason}"),
                _ => Missing(),
            };

    private static async Task<Results<Ok<RequeuedCount>, ProblemHttpResult>> RequeueDeadLetters(
        [AsParameters] DeadLetterMatch match,
        [FromQuery, Description("Where it goes on: what the Link header of the answer before says. What was set aside since the first call stays.")]
            string? after,
        DeadLetterRequeue requeue,
        HttpContext context
    )
    {
        RequeuePart? part = null;
        if (after is not null)
        {
            if (after.Split('_') is not [var begin, var last] || !DeadLetterCursor.IsPosition(begin) || !DeadLetterCursor.IsPosition(last))
            {
                return Problems.Of(
                    StatusCodes.Status400BadRequest,
                    "The parameter 'after' is not one that a Link header of this list gave.",
                    "after"
                );
            }

            part = new RequeuePart(begin, last);
        }

        var (requeued, refused, rest) = await requeue.RunAsync(match.Filter, part);
        if (rest is not null)
        {
            NextLink.Add(context, $"{rest.After}_{rest.Last}");
        }

        return TypedResults.Ok(new RequeuedCount(requeued, refused, rest is not null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteDeadLetter(string id, Taproom.Ingest.DeadLetters letters) =>
        await letters.DeleteAsync(id) ? TypedResults.NoContent() : Missing();

    private static ProblemHttpResult Missing() => Problems.NotFound("This dead letter");

    /// <summary>A dead letter as the API shows it.</summary>
    internal sealed record DeadLetterShape(
        string Id,
        string Reason,
        string Source,
        int Deliveries,
        DateTimeOffset FailedAt,
        string Kind,
        string Tap,
        Guid? EntryId,
        string Body,
        string? TraceId,
        bool Final
    )
    {
        public static DeadLetterShape Of(SetAside letter) =>
            new(
                letter.Position,
                letter.Reason,
                letter.Source,
                letter.Deliveries,
                letter.FailedAt,
                letter.Kind,
                letter.Tap,
                letter.Id,
                letter.Body,
                letter.TraceId,
                letter.IsFinal
            );
    }

    internal sealed record DeadLetterList(IReadOnlyList<DeadLetterShape> DeadLetters);

    /// <summary>What became of many.</summary>
    /// <param name="Requeued">How many went back.</param>
    /// <param name="Refused">How many stay, because they can never be stored.</param>
    /// <param name="More">Whether some are left for another call.</param>
    internal sealed record RequeuedCount(int Requeued, int Refused, bool More);
}

/// <summary>Which dead letters; all that is given must match.</summary>
public sealed record DeadLetterMatch
{
    [FromQuery(Name = "reason")]
    [Description("A part of the reason, in whatever case.")]
    public string? Reason { get; init; }

    [FromQuery(Name = "source")]
    [Description("Exactly this source.")]
    public string? Source { get; init; }

    [FromQuery(Name = "kind")]
    [Description("pour, reading, event or message; of any other there are few.")]
    public string? Kind { get; init; }

    [FromQuery(Name = "tap")]
    [Description("Exactly this tap or other device.")]
    public string? Tap { get; init; }

    /// <summary>As the stream is asked.</summary>
    internal DeadLetterFilter Filter => new(Reason, Source, Kind, Tap);
}

/// <summary>A place in the list: after the dead letter at this position of the stream.</summary>
public sealed partial record DeadLetterCursor : IParsable<DeadLetterCursor>
{
    /// <inheritdoc />
    public static DeadLetterCursor Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var cursor) ? cursor : throw new FormatException("This is no cursor.");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out DeadLetterCursor result)
    {
        result = s is not null && IsPosition(s) ? new DeadLetterCursor() : null;
        return result is not null;
    }

    /// <summary>Whether a text is a position in the stream.</summary>
    internal static bool IsPosition(string text) => Position().IsMatch(text);

    [GeneratedRegex(@"^[0-9]{1,19}-[0-9]{1,19}\z")]
    private static partial Regex Position();
}
