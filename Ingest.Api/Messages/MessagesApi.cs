using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Messages;

/// <summary>The resource <c>/api/messages</c>: any JSON value, queued, stored and pushed live.</summary>
internal static class MessagesApi
{
    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/messages").WithTags("Messages");
        group
            .MapPost("", PostMessage)
            .WithMetadata(new AuditTrail.Unaudited())
            .WithSummary("Queues any JSON value.")
            .RequireAuthorization(Policies.Admin)
            .Takes("""{"hello":["world",1]}""", typeof(object));
        group.MapGet("", ListMessages).WithSummary("Lists messages in the order of insertion.");
        group.MapGet("/{id:guid}", GetMessage).WithSummary("Gets one message; one accepted a moment ago is waited for.");
    }

    private static async Task<Results<Accepted<MessageReceipt>, ProblemHttpResult>> PostMessage(
        HttpRequest request,
        IngestStream stream,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var body = request.Bytes();
        if (!StrictJson.TryParse(body, out var document, out var refusal))
        {
            return Problems.Of(refusal);
        }

        document.Dispose();
        var entry = time.NewEntry(EntryKinds.Message, body);
        await stream.AppendOnceAsync([entry], cancellationToken);
        return TypedResults.Accepted($"/api/messages/{entry.Id}", new MessageReceipt(entry.Id, "accepted"));
    }

    private static async Task<Ok<MessageList>> ListMessages([AsParameters] ListQuery<RowCursor> query, TaproomDb db)
    {
        var after = query.AfterOr(default);
        var messages = db.Messages.InsertedAfter(after.Place, after.Seq);
        var found = await query.ReadAsync(messages, RowCursor.Of, message => message.Payload.Length);
        return TypedResults.Ok(new MessageList([.. found.Select(Message.Of)]));
    }

    private static async Task<Results<Ok<Message>, ProblemHttpResult>> GetMessage(
        Guid id,
        TaproomDb db,
        Arrivals arrivals,
        CancellationToken cancellationToken
    ) =>
        await arrivals.FindAsync(
            EntryKinds.Message,
            id,
            () => db.Messages.SingleOrDefaultAsync(message => message.Id == id, cancellationToken),
            cancellationToken
        )
            is { } found
            ? TypedResults.Ok(Message.Of(found))
            : Problems.NotFound($"Message {id}");

    /// <summary>A message that was accepted.</summary>
    internal sealed record MessageReceipt(Guid Id, string Status);

    /// <summary>A message as it was sent.</summary>
    internal sealed record Message(Guid Id, DateTimeOffset ReceivedAt, RawJson Payload)
    {
        public static Message Of(StoredMessage message) => new(message.Id, message.ReceivedAt, new RawJson(message.Payload));
    }

    internal sealed record MessageList(IReadOnlyList<Message> Messages);
}
