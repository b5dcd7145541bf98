using System.ComponentModel;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Signals;
using Taproom.Store;

namespace Ingest.Api.Taps;

/// <summary>When a tap came and went: <c>/api/taps/{id}/connections</c>.</summary>
internal static class ConnectionsApi
{
    public static void MapConnections(this RouteGroupBuilder taps) =>
        taps.MapGet("/{id:int}/connections", ListTapConnections)
            .WithSummary("Lists when a tap came online and went offline, newest first: its last 200 changes, all in one answer.");

    private static async Task<Results<Ok<ConnectionList>, ProblemHttpResult>> ListTapConnections(
        int id,
        [AsParameters] TimeRange range,
        TaproomDb db,
        TapPresence presence,
        CancellationToken cancellationToken
    )
    {
        if (!await db.Taps.AnyAsync(tap => tap.Id == id, cancellationToken))
        {
            return Problems.NotFound($"Tap {id}");
        }

        var changes = await presence.ChangesAsync(id);
        return TypedResults.Ok(
            new ConnectionList([
                .. changes
                    .Where(change => range.Has(change.At))
                    .Select(change => new ConnectionShape(change.IsOnline ? "online" : "offline", change.At)),
            ])
        );
    }

    /// <summary>A change as the API shows it.</summary>
    internal sealed record ConnectionShape([property: Description("What it was from then on: online or offline.")] string Status, DateTimeOffset At);

    /// <summary>The changes.</summary>
    internal sealed record ConnectionList(IReadOnlyList<ConnectionShape> Connections);
}
