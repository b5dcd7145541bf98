using Microsoft.AspNetCore.Http.HttpResults;
using Taproom.Ingest;
using Taproom.Signals;

namespace Ingest.Api.Line;

/// <summary>The resource <c>/api/line</c>: how the line stands now.</summary>
internal static class LineApi
{
    public static void MapLine(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/api/line", GetLine)
            .WithTags("The line")
            .WithSummary(
                "Gets what waits in each partition and who stores it, what has become of all that was accepted, who lives, and how many taps are connected."
            );

    private static async Task<Ok<LineShape>> GetLine(IngestLine line, TapPresence presence)
    {
        var state = await line.ReadAsync();
        var connections = await presence.CountAsync();
        return TypedResults.Ok(
            new LineShape(
                [
                    .. state.Partitions.Select(partition => new PartitionShape(
                        partition.Number,
                        partition.Worker,
                        partition.Waiting,
                        partition.OldestAge?.TotalSeconds
                    )),
                ],
                state.Accepted,
                state.Stored,
                state.Repeated,
                state.Dead,
                state.Waiting,
                state.Workers,
                state.Bridges,
                new ConnectionsShape(connections.Taps, [.. state.Bridges.Select(bridge => new BridgeShape(bridge, connections.Of(bridge)))])
            )
        );
    }

    /// <summary>How the line stands: accepted = stored + repeated + dead + waiting.</summary>
    /// <param name="Partitions">Each partition of the stream.</param>
    /// <param name="Accepted">Entries that the front doors have accepted, ever.</param>
    /// <param name="Stored">Of these, those stored as something new.</param>
    /// <param name="Repeated">Those that were stored before.</param>
    /// <param name="Dead">Those set aside as dead letters.</param>
    /// <param name="Waiting">Those that wait to be stored.</param>
    /// <param name="Workers">Names of the workers that live.</param>
    /// <param name="Bridges">Names of the bridges that live.</param>
    /// <param name="Connections">Taps that are connected over MQTT now.</param>
    internal sealed record LineShape(
        IReadOnlyList<PartitionShape> Partitions,
        long Accepted,
        long Stored,
        long Repeated,
        long Dead,
        long Waiting,
        IReadOnlyList<string> Workers,
        IReadOnlyList<string> Bridges,
        ConnectionsShape Connections
    );

    /// <summary>Taps that are connected over MQTT now; who sends over HTTP has no connection.</summary>
    /// <param name="Taps">How many taps are connected to some bridge, or online at the broker that bridges have joined.</param>
    /// <param name="Bridges">How many each living bridge has; a tap may be connected to more than one.</param>
    internal sealed record ConnectionsShape(int Taps, IReadOnlyList<BridgeShape> Bridges);

    /// <summary>The taps of one bridge.</summary>
    /// <param name="Name">Name of the bridge.</param>
    /// <param name="Taps">How many taps are connected to it.</param>
    internal sealed record BridgeShape(string Name, int Taps);

    /// <summary>How one partition stands.</summary>
    /// <param name="Number">Its number, from 0.</param>
    /// <param name="Worker">Name of the worker that stores it; null while none does.</param>
    /// <param name="Waiting">Entries that wait to be stored.</param>
    /// <param name="OldestAgeSeconds">How long the oldest of them has waited, in seconds; null when none waits.</param>
    internal sealed record PartitionShape(int Number, string? Worker, long Waiting, double? OldestAgeSeconds);
}
