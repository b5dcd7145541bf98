using System.Text.Json;
using System.Text.Json.Nodes;
using Ingest.Api.Access;
using Ingest.Api.Answers;
using Microsoft.AspNetCore.Http.HttpResults;
using Taproom.Reports;
using Taproom.Signals;
using Taproom.Taps;

namespace Ingest.Api.Taps;

/// <summary>The resource <c>/api/taps/{id}/commands</c>: what a tap is told to do, over MQTT, now or when it is back.</summary>
internal static class CommandsApi
{
    private const int MaxCommand = 100;

    /// <summary>Maps the resource.</summary>
    public static void MapTapCommands(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/api/taps/{id:int}/commands", PostCommand)
            .WithTags("Taps")
            .WithName("PostTapCommand")
            .WithSummary("Tells a tap to do something; a tap that is away hears it when it is back.")
            .RequireAuthorization(Policies.Admin)
            .Takes(typeof(CommandPost), """{"command":"clean"}""")
            .ProducesProblem(400)
            .ProducesProblem(401)
            .ProducesProblem(403)
            .ProducesProblem(404)
            .ProducesProblem(429)
            .ProducesProblem(503);

    private static async Task<Results<Accepted<CommandShape>, ProblemHttpResult>> PostCommand(
        int id,
        HttpRequest request,
        TapRegistry registry,
        TapCommands commands,
        CancellationToken cancellationToken
    )
    {
        if (!StrictJson.TryParseObject(await request.ReadAllAsync(cancellationToken), out var document, out var refusal))
        {
            return Problems.Of(refusal);
        }

        using (document)
        {
            if (!document.RootElement.TryGetText("command", MaxCommand, out var command, out refusal))
            {
                return Problems.Of(refusal);
            }

            if (await registry.FindAsync(id, cancellationToken) is null)
            {
                return Problems.NotFound($"Tap {id}");
            }

            // The id tells a tap that it has done this already.
            var shape = new CommandShape(Guid.CreateVersion7(), id, command);
            var json = JsonObject.Create(document.RootElement)!;
            json["id"] = shape.Id;
            return await commands.QueueAsync(id, json.ToJsonString())
                ? TypedResults.Accepted((string?)null, shape)
                : Problems.Of(StatusCodes.Status429TooManyRequests, $"{TapCommands.MaxWaiting} commands wait for tap {id}; it must take them first.");
        }
    }

    private sealed record CommandPost(string Command);

    private sealed record CommandShape(Guid Id, int TapId, string Command);
}
