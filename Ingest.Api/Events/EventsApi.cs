using System.Globalization;
using System.Text.Json.Serialization;
using Ingest.Api.Access;
using Ingest.Api.Answers;
using Ingest.Api.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Events;

/// <summary>The resource <c>/api/events</c>: activity events, newest first.</summary>
internal static class EventsApi
{
    /// <summary>Maps the resource.</summary>
    public static RouteGroupBuilder MapEvents(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/events").WithTags("Events").ProducesProblem(429).ProducesProblem(503);
        group
            .MapPost("", PostEvent)
            .WithName("PostEvent")
            .WithSummary("Takes in one activity event.")
            .RequireAuthorization(Policies.Admin)
            .Takes(typeof(EventPost), EventPost.Example)
            .ProducesProblem(400)
            .ProducesProblem(401)
            .ProducesProblem(403)
            .ProducesProblem(413);
        group.MapGet("", ListEvents).WithName("ListEvents").WithSummary("Lists events, newest first, that match all filters.").ProducesProblem(400);
        group
            .MapGet("/{id:guid}", GetEvent)
            .WithName("GetEvent")
            .WithSummary("Gets one event; one accepted a moment ago is waited for.")
            .ProducesProblem(404);
        return group;
    }

    private static async Task<Results<Created<EventShape>, ProblemHttpResult>> PostEvent(
        HttpRequest request,
        IngestStream stream,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var body = await request.ReadAllAsync(cancellationToken);
        if (!ActivityEvent.TryParse(body, out var activity, out var refusal))
        {
            return Problems.Of(refusal);
        }

        var entry = time.NewEntry(EntryKinds.Event, body);
        await stream.AppendOnceAsync([entry], cancellationToken);
        return TypedResults.Created($"/api/events/{entry.Id}", EventShape.Of(entry, activity));
    }

    private static async Task<Results<Ok<EventList>, ProblemHttpResult>> ListEvents(
        [AsParameters] EventQuery query,
        TaproomDb db,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (
            !new ListQuery(query.Page, query.PageSize, query.After).TryRead(byTime: true, out var part, out var refusal)
            || !query.TryReadFromDate(out var from, out refusal)
        )
        {
            return Problems.Of(refusal!);
        }

        var events = query.Filter(db.Events, from);
        if (part.After is { } after)
        {
            events = events.Where(e => EF.Functions.LessThan(ValueTuple.Create(e.CreatedAt, e.Seq), ValueTuple.Create(after.Time, after.Seq)));
        }

        var found = await part.Of(events.OrderByDescending(e => e.CreatedAt).ThenByDescending(e => e.Seq)).ToListAsync(cancellationToken);
        var page = part.Cut(found, context, e => new TimeCursor(e.Seq, e.CreatedAt).ToText(byTime: true));
        return TypedResults.Ok(new EventList([.. page.Select(EventShape.Of)]));
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

    /// <summary>The filters of a list of events; an empty one is none.</summary>
    private sealed record EventQuery(
        string? Email,
        string? Environment,
        string? Component,
        string? Message,
        [property: FromQuery(Name = "from_date")] string? FromDate,
        string? Page,
        [property: FromQuery(Name = "page_size")] string? PageSize,
        string? After
    )
    {
        public bool TryReadFromDate(out DateTimeOffset? from, out Refusal? refusal)
        {
            if (DateTimeOffset.TryParseExact(FromDate, "MM-dd-yyyy", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
            {
                (from, refusal) = (date, null);
                return true;
            }

            return QueryText.TryTime("from_date", FromDate, out from, out refusal);
        }

        public IQueryable<StoredEvent> Filter(IQueryable<StoredEvent> events, DateTimeOffset? from)
        {
            events = string.IsNullOrEmpty(Email) ? events : events.Where(e => e.Email == Email);
            events = string.IsNullOrEmpty(Environment) ? events : events.Where(e => e.Environment == Environment);
            events = string.IsNullOrEmpty(Component) ? events : events.Where(e => e.Component == Component);
            events = string.IsNullOrEmpty(Message) ? events : events.Where(e => e.Message.Contains(Message));
            return from is { } time ? events.Where(e => e.CreatedAt >= time) : events;
        }
    }

    /// <summary>What is posted; it documents <see cref="ActivityEvent"/>, which does the reading.</summary>
    private sealed record EventPost(string Component, object? Data, string Email, string Environment, string Message)
    {
        public const string Example = """
            {"component":"line 3","data":{"minutes":12},"email":"ann@bar.example","environment":"production","message":"Line cleaned"}
            """;
    }

    /// <summary>An event as the API shows it.</summary>
    private sealed record EventShape(
        Guid Id,
        [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
        string Component,
        RawJson Data,
        string? Email,
        string Environment,
        string Message
    )
    {
        public static EventShape Of(StoredEvent e) => new(e.Id, e.CreatedAt, e.Component, new RawJson(e.Data), e.Email, e.Environment, e.Message);

        public static EventShape Of(IngestEntry entry, ActivityEvent e) =>
            new(entry.Id, entry.ReceivedAt, e.Component, new RawJson(e.Data), e.Email, e.Environment, e.Message);
    }

    /// <summary>A page of events.</summary>
    private sealed record EventList(IReadOnlyList<EventShape> Events);
}
