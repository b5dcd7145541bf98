using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Taproom.Signals;

namespace Ingest.Api.Taps;

/// <summary>The resource <c>/api/taps/{id}/commands</c>: what a tap is told to do, over MQTT, now or when it is back.</summary>
internal static class CommandsApi
{
    public static void MapCommands(this RouteGroupBuilder taps) =>
        taps.MapPost("/{id:int}/commands", PostTapCommand)
            .WithSummary("Tells a tap to do something; a tap that is away hears it when it is back.")
            .Takes("""{"command":"clean"}""");

    private static async Task<Results<Accepted<CommandShape>, ProblemHttpResult>> PostTapCommand(
        int id,
        CommandPost post,
        TapRegistry registry,
        TapCommands commands,
        CancellationToken cancellationToken
    )
    {
        if (!await registry.IsRegisteredAsync(id, cancellationToken))
        {
            return Problems.NotFound($"Tap {id}");
        }

        // The id tells a tap that it has done this already.
        var shape = new CommandShape(Guid.CreateVersion7(), id, post.Command);
        var json = JsonSerializer.SerializeToNode(post, JsonSerializerOptions.Web)!.AsObject();
        json["id"] = shape.Id;
        return await commands.QueueAsync(id, json.ToJsonString())
            ? TypedResults.Accepted((string?)null, shape)
            : Problems.Of(StatusCodes.Status429TooManyRequests, $"{TapCommands.MaxWaiting} commands wait for tap {id}; it must take them first.");
    }

    internal sealed record CommandShape(Guid Id, int TapId, string Command);
}

/// <summary>A command as it is posted.</summary>
/// <param name="Command">What to do.</param>
public sealed record CommandPost([property: Text(100)] string Command)
{
    /// <summary>What else the tap needs to know; it goes along as it came.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; init; }
}
