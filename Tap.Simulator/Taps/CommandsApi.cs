using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Tap.Simulator.Taps;

/// <summary>What somebody who watches can ask of the taps at once; the AppHost offers it on the simulator's resource.</summary>
/// <remarks>Each command answers with one sentence of plain text, or with a problem document.</remarks>
internal static class CommandsApi
{
    private const int MostPours = 1_000;

    /// <summary>Maps <c>/commands</c>.</summary>
    public static RouteGroupBuilder MapCommands(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/commands");
        group.MapPost("/pour", Pour);
        group.MapPost("/rush-hour", StartRushHour);
        group.MapPost("/break-connections", BreakConnections);
        return group;
    }

    private static Results<ContentHttpResult, ProblemHttpResult> Pour(TapFleet fleet, string count = "100")
    {
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) || asked is < 1 or > MostPours)
        {
            return TypedResults.Problem($"count must be a whole number, 1 to {MostPours}.", statusCode: StatusCodes.Status400BadRequest);
        }

        if (!fleet.TapIds.Any())
        {
            return NoTaps();
        }

        var poured = fleet.Pour(asked);
        return TypedResults.Text(
            poured == asked
                ? $"The taps have poured {poured} glasses."
                : $"The taps have poured {poured} glasses of {asked}: they keep no more pours without a receipt."
        );
    }

    private static Results<ContentHttpResult, ProblemHttpResult> StartRushHour(TapFleet fleet)
    {
        if (!fleet.TapIds.Any())
        {
            return NoTaps();
        }

        fleet.StartRushHour();
        return TypedResults.Text($"The taps pour {Pace.RushFactor} times as fast for {Pace.RushDuration.TotalSeconds} seconds.");
    }

    private static ContentHttpResult BreakConnections(TapFleet fleet) =>
        TypedResults.Text($"{fleet.BreakConnections()} of {fleet.TapIds.Count()} connections were broken; the taps connect again by themselves.");

    private static ProblemHttpResult NoTaps() => TypedResults.Problem("This simulator has no taps.", statusCode: StatusCodes.Status409Conflict);
}
