using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Kegboards;

/// <summary>The resource <c>/api/kegboards</c>: who has asked to be let in, and who is.</summary>
internal static class KegboardsApi
{
    public static void MapKegboardRegistry(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/kegboards").WithTags("Kegboards").RequireAuthorization(Policies.Admin);
        group.MapGet("", ListKegboards).WithSummary("Lists Kegboards by name: those that ask to be let in, and those that are.");
        group
            .MapPut("/{device}", PutKegboard)
            .WithSummary("Lets a Kegboard in with the taps of its meters, or denies it.")
            .Takes("""{"taps":[7,8]}""");
        group.MapDelete("/{device}", DeleteKegboard).WithSummary("Forgets a Kegboard: its token is worth nothing any more, and it may ask again.");
    }

    private static async Task<Ok<KegboardList>> ListKegboards([AsParameters] ListQuery<string> query, TaproomDb db)
    {
        var after = query.AfterOr("");
        var boards = db.Kegboards.Where(board => board.Device.CompareTo(after) > 0).OrderBy(board => board.Device);
        var found = await query.ReadAsync(boards, board => board.Device);
        return TypedResults.Ok(new KegboardList([.. found.Select(KegboardShape.Of)]));
    }

    private static async Task<Results<Ok<KegboardShape>, ProblemHttpResult>> PutKegboard(
        string device,
        KegboardPut put,
        TaproomDb db,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        if (!KegboardBatch.IsDevice(device))
        {
            return Problems.Of(StatusCodes.Status400BadRequest, KegboardBatch.NoDevice, "device");
        }

        if (put.Denied == (put.Taps is not null))
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "Either 'taps' must be given, or 'denied' be true.", "taps");
        }

        var board = await db.Kegboards.AsTracking().SingleOrDefaultAsync(known => known.Device == device, cancellationToken);
        if (board is null)
        {
            var now = time.GetUtcNow();
            board = new Kegboard
            {
                Device = device,
                FirstSeen = now,
                LastSeen = now,
            };
            db.Kegboards.Add(board);
        }

        (board.State, board.Taps) = put.Denied ? (KegboardState.Denied, []) : (KegboardState.Allowed, put.Taps!);
        // One that has its token, and has not asked for another since, keeps it.
        board.TokenDue = !put.Denied && (board.TokenGivenAt is null || board.AskedAt > board.TokenGivenAt);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(KegboardShape.Of(board));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteKegboard(
        string device,
        TaproomDb db,
        CancellationToken cancellationToken
    ) =>
        await db.Kegboards.Where(board => board.Device == device).ExecuteDeleteAsync(cancellationToken) > 0
            ? TypedResults.NoContent()
            : Problems.NotFound("This Kegboard");

    internal sealed record KegboardList(IReadOnlyList<KegboardShape> Kegboards);
}

/// <summary>A Kegboard as the API shows it.</summary>
/// <param name="Device">Its name, as it gives it.</param>
/// <param name="State"><c>pending</c>, <c>allowed</c> or <c>denied</c>.</param>
/// <param name="Taps">The tap of each of its meters, from meter 0.</param>
/// <param name="Asks">Whether it asks to be let in, for the first time or again.</param>
/// <param name="FirstSeen">When it was heard of first.</param>
/// <param name="LastSeen">When it was heard of last.</param>
/// <param name="Address">The address that it came from last, or null.</param>
/// <param name="Firmware">Its firmware's version, or null.</param>
/// <param name="EventsDropped">How many events it had to drop since it was switched on.</param>
internal sealed record KegboardShape(
    string Device,
    string State,
    IReadOnlyList<int> Taps,
    bool Asks,
    DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen,
    string? Address,
    string? Firmware,
    long EventsDropped
)
{
    /// <summary>Shows one.</summary>
    public static KegboardShape Of(Kegboard board) =>
        new(
            board.Device,
            KegboardApi.Name(board.State),
            board.Taps,
            board.AskedAt is { } asked && !board.TokenDue && (board.TokenGivenAt is null || asked > board.TokenGivenAt),
            board.FirstSeen,
            board.LastSeen,
            board.Address?.ToString(),
            board.Firmware,
            board.EventsDropped
        );
}

/// <summary>What is decided about a Kegboard: its taps, or that it is denied.</summary>
/// <param name="Denied">Whether it is not let in.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record KegboardPut(
    [property: Description("The tap of each of its meters, from meter 0."), MeterTaps] int[]? Taps = null,
    bool Denied = false
);

/// <summary>Asks for the taps of meters.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MeterTapsAttribute() : ValidationAttribute("The member 'taps' must be a list of 1 to 64 whole numbers, each 1 or more.")
{
    /// <inheritdoc />
    public override bool IsValid(object? value) => value is null or int[] { Length: > 0 and <= 64 } && (value as int[] ?? []).All(tap => tap >= 1);
}
