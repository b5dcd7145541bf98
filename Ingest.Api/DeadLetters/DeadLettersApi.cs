using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Taproom.Ingest;

namespace Ingest.Api.DeadLetters;

/// <summary>The resource <c>/api/dead-letters</c>: what was set aside. For the admin only, as it may hold anything.</summary>
internal static class DeadLettersApi
{
    // Where a letter stands in the stream; anything else is the id of none.
    private const string ById = @"/{id:regex(^\d{{1,19}}-\d{{1,19}}$)}";

    /// <summary>Maps the resource.</summary>
    public static RouteGroupBuilder MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/dead-letters").WithTags("Dead letters").RequireAuthorization(Policies.Admin);
        group.MapGet("", List).WithName("ListDeadLetters").WithSummary("Lists what was set aside, oldest first.");
        group.MapGet(ById, Get).WithName("GetDeadLetter").WithSummary("Gets one dead letter.");
        group
            .MapPost($"{ById}/requeue", Requeue)
            .WithName("RequeueDeadLetter")
            .WithSummary("Moves one back into the ingest stream, unless it can never be stored.")
            .ProducesProblem(422);
        group.MapDelete(ById, Delete).WithName("DeleteDeadLetter").WithSummary("Deletes one for good.");
        return group;
    }

    private static async Task<Ok<DeadLetterList>> List([AsParameters] DeadLetterQuery query, Taproom.Ingest.DeadLetters letters, HttpContext context)
    {
        var (found, hasMore) = await letters.ListAsync(query.After, query.Size);
        if (hasMore)
        {
            DeadLetterQuery.LinkNext(context, found[^1].Position);
        }

        return TypedResults.Ok(new DeadLetterList([.. found.Select(DeadLetterShape.Of)]));
    }

    private static async Task<Results<Ok<DeadLetterShape>, ProblemHttpResult>> Get(string id, Taproom.Ingest.DeadLetters letters) =>
        await letters.FindAsync(id) is { } letter ? TypedResults.Ok(DeadLetterShape.Of(letter)) : Missing();

    private static async Task<Results<NoContent, ProblemHttpResult>> Requeue(string id, Taproom.Ingest.DeadLetters letters) =>
        await letters.FindAsync(id) is not { } letter
            ? Missing()
            : await letters.RequeueAsync(id) switch
            {
                Requeued.Done => TypedResults.NoContent(),
                Requeued.Refused => Problems.Of(StatusCodes.Status422UnprocessableEntity, $"This can never be stored: {letter.Reason}"),
                _ => Missing(),
            };

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(string id, Taproom.Ingest.DeadLetters letters) =>
        await letters.DeleteAsync(id) ? TypedResults.NoContent() : Missing();

    private static ProblemHttpResult Missing() => Problems.NotFound("This dead letter");

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
        string Body,
        string? TraceId
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
                letter.TraceId
            );
    }

    /// <summary>A page of dead letters.</summary>
    private sealed record DeadLetterList(IReadOnlyList<DeadLetterShape> DeadLetters);
}

/// <summary>Which part of the dead letters; it goes on where the <c>Link</c> header of the page before says, not by number.</summary>
public sealed class DeadLetterQuery : ListQuery<string>
{
    private static readonly RegularExpressionAttribute Position = new(@"\d{1,19}-\d{1,19}");

    /// <inheritdoc />
    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Page > 1 || !Position.IsValid(After))
        {
            yield return new ValidationResult("This list goes on where the Link header of the page before says.", [Page > 1 ? "page" : "after"]);
        }
    }
}
