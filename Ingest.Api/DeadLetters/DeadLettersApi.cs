using System.Text.RegularExpressions;
using Ingest.Api.Access;
using Ingest.Api.Answers;
using Ingest.Api.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Taproom.Ingest;
using Taproom.Reports;

namespace Ingest.Api.DeadLetters;

/// <summary>The resource <c>/api/dead-letters</c>: what was set aside. For the admin only, as it may hold anything.</summary>
internal static partial class DeadLettersApi
{
    /// <summary>Maps the resource.</summary>
    public static RouteGroupBuilder MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var group = routes
            .MapGroup("/api/dead-letters")
            .WithTags("Dead letters")
            .RequireAuthorization(Policies.Admin)
            .ProducesProblem(401)
            .ProducesProblem(403)
            .ProducesProblem(429)
            .ProducesProblem(503);
        group.MapGet("", List).WithName("ListDeadLetters").WithSummary("Lists what was set aside, oldest first.").ProducesProblem(400);
        group.MapGet("/{id}", Get).WithName("GetDeadLetter").WithSummary("Gets one dead letter.").ProducesProblem(404);
        group
            .MapPost("/{id}/requeue", Requeue)
            .WithName("RequeueDeadLetter")
            .WithSummary("Moves one back into the ingest stream.")
            .ProducesProblem(404)
            .ProducesProblem(409);
        group.MapDelete("/{id}", Delete).WithName("DeleteDeadLetter").WithSummary("Deletes one for good.").ProducesProblem(404);
        return group;
    }

    private static async Task<Results<Ok<DeadLetterList>, ProblemHttpResult>> List(
        [AsParameters] ListQuery query,
        Taproom.Ingest.DeadLetters letters,
        HttpContext context
    )
    {
        if (!ListPage.TryRead(query.Page, query.PageSize, query.After, out var page, out var refusal))
        {
            return Problems.Of(refusal!);
        }

        if (page.Number != 1 || (page.After is not null && !Position().IsMatch(page.After)))
        {
            var member = page.Number != 1 ? "page" : "after";
            return Problems.Of(Refusal.Malformed(member, "This list goes on where the Link header of the page before says."));
        }

        var (found, hasMore) = await letters.ListAsync(page.After, page.Size);
        if (hasMore)
        {
            ListPage.LinkNext(context, found[^1].Position);
        }

        return TypedResults.Ok(new DeadLetterList([.. found.Select(DeadLetterShape.Of)]));
    }

    private static async Task<Results<Ok<DeadLetterShape>, ProblemHttpResult>> Get(string id, Taproom.Ingest.DeadLetters letters) =>
        Position().IsMatch(id) && await letters.FindAsync(id) is { } letter ? TypedResults.Ok(DeadLetterShape.Of(letter)) : Missing();

    private static async Task<Results<NoContent, ProblemHttpResult>> Requeue(string id, Taproom.Ingest.DeadLetters letters)
    {
        if (!Position().IsMatch(id) || await letters.FindAsync(id) is not { } letter)
        {
            return Missing();
        }

        return await letters.RequeueAsync(id) switch
        {
            Requeued.Done => TypedResults.NoContent(),
            Requeued.Refused => Problems.Of(StatusCodes.Status409Conflict, $"This can never be stored: {letter.Reason}"),
            _ => Missing(),
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(string id, Taproom.Ingest.DeadLetters letters) =>
        Position().IsMatch(id) && await letters.DeleteAsync(id) ? TypedResults.NoContent() : Missing();

    private static ProblemHttpResult Missing() => Problems.NotFound("This dead letter");

    [GeneratedRegex(@"^\d{1,19}-\d{1,19}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Position();

    /// <summary>A dead letter as the API shows it.</summary>
    private sealed record DeadLetterShape(
        string Id,
        string Reason,
        string Source,
        int Deliveries,
        DateTimeOffset FailedAt,
        string Kind,
        string Tap,
        Guid? EntryId,
        string Body
    )
    {
        public static DeadLetterShape Of(SetAside letter) =>
            new(letter.Position, letter.Reason, letter.Source, letter.Deliveries, letter.FailedAt, letter.Kind, letter.Tap, letter.Id, letter.Body);
    }

    /// <summary>A page of dead letters.</summary>
    private sealed record DeadLetterList(IReadOnlyList<DeadLetterShape> DeadLetters);
}
