using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Events;

/// <summary>The resource <c>/api/events</c>: activity events, newest first.</summary>
internal static class EventsApi
{
    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/events").WithTags("Events");
        group
            .MapPost("", PostEvent)
            .WithMetadata(new AuditTrail.Unaudited())
            .WithSummary("Takes in one activity event.")
            .RequireAuthorization(Policies.Admin)
            .Takes(EventPost.Example, typeof(EventPost));
        group.MapGet("", ListEvents).WithSummary("Lists events, newest first, that match all filters.");
        group.MapGet("/{id:guid}", GetEvent).WithSummary("Gets one event; one accepted a moment ago is waited for.");
    }

    private static async Task<Results<Created<EventShape>, ProblemHttpResult>> PostEvent(
        HttpRequest request,
        IngestStream stream,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var body = request.Bytes();
        if (!ActivityEvent.TryParse(body, out var activity, out var refusal))
        {
            return Problems.Of(refusal);
        }

        var entry = time.NewEntry(EntryKinds.Event, body);
        await stream.AppendOnceAsync([entry], cancellationToken);
        return TypedResults.Created($"/api/events/{entry.Id}", EventShape.Of(entry, activity));
    }

    private static async Task<Ok<EventList>> ListEvents([AsParameters] EventFilter filter, [AsParameters] ListQuery<RowCursor> page, TaproomDb db)
    {
        var after = page.AfterOr(RowCursor.Newest);
        var events = filter
            .Of(db.Events)
            .Where(e => EF.Functions.LessThan(ValueTuple.Create(e.CreatedAt, e.Seq), ValueTuple.Create(after.Time, after.Seq)))
            .OrderByDescending(e => e.CreatedAt)
            .ThenByDescending(e => e.Seq);
        var found = await page.ReadAsync(events, e => RowCursor.Of(e.CreatedAt, e.Seq), e => e.Data.Length);
        return TypedResults.Ok(new EventList([.. found.Select(EventShape.Of)]));
    }

    private static async Task<Results<Ok<EventShape>, ProblemHttpResult>> GetEvent(
        Guid id,
        TaproomDb db,
        Arrivals arrivals,
        CancellationToken cancellationToken
    ) =>
        await arrivals.FindAsync(EntryKinds.Event, id, () => db.Events.SingleOrDefaultAsync(e => e.Id == id, cancellationToken), cancellationToken)
            is { } found
            ? TypedResults.Ok(EventShape.Of(found))
            : Problems.NotFound($"Event {id}");

    /// <summary>What is posted; it documents <see cref="ActivityEvent"/>, which does the reading.</summary>
    internal sealed record EventPost(string Component, object? Data, string Email, string Environment, string Message)
    {
        public const string Example = """
            {"component":"line 3","data":{"minutes":12},"email":"ann@bar.example","environment":"production","message":"Line cleaned"}
            """;
    }

    internal sealed record EventList(IReadOnlyList<EventShape> Events);
}
