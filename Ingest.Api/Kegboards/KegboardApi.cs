using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Taproom.Store;

namespace Ingest.Api.Kegboards;

/// <summary>The address that Kegboards send to, <c>/kegboard-event</c>, where <see cref="KegboardOptions.Enabled"/> says so.</summary>
/// <remarks>By Kegbot's Kegboard Event Protocol, version 1: docs/kegboard-event-protocol.md in its repository <c>Kegbot/kegboard</c>.</remarks>
internal static partial class KegboardApi
{
    private const string Bearer = "Bearer ";

    public static void AddKegboards(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<KegboardOptions>().BindConfiguration(KegboardOptions.SectionName);
        builder.Services.AddScoped<KegboardRegistry>();
        builder.Services.AddScoped<KegboardIntake>();
    }

    public static void MapKegboards(this IEndpointRouteBuilder routes)
    {
        routes.MapKegboardRegistry();
        if (routes.ServiceProvider.GetRequiredService<IOptions<KegboardOptions>>().Value.Enabled)
        {
            routes
                .MapPost("/kegboard-event", PostKegboardEvents)
                .WithTags("Kegboards")
                .WithSummary("Takes in what a Kegboard has sent, by its own protocol.")
                .Takes(
                    """{"v":1,"device":"kegboard-a1b2c3","boot_id":"9f3a2c1b","sent_uptime_ms":1,"events":[{"id":1,"type":"pour","age_ms":0,"data":{"meter":0,"pour_id":"9b0e6a11-2f4c-49d3-8f6a-c1d2e3f40517","volume_ml":473.1,"duration_ms":9800}}]}""",
                    typeof(KegboardBatch)
                );
        }
    }

    private static async Task<Results<Ok<KegboardAnswer>, JsonHttpResult<Unpaired>, ProblemHttpResult>> PostKegboardEvents(
        HttpContext context,
        KegboardRegistry boards,
        KegboardIntake intake,
        ILogger<KegboardIntake> logger,
        CancellationToken cancellationToken
    )
    {
        var batch = KegboardBatch.Read(context.Request.Bytes().Span, out var fault);
        if (batch is null)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, fault);
        }

        var address = context.Connection.RemoteIpAddress;
        var header = context.Request.Headers.Authorization.ToString();
        if (
            !header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            || await boards.AuthenticateAsync(batch.Device, header[Bearer.Length..].Trim(), cancellationToken) is not { } board
        )
        {
            // Who comes with a token that is none any more asks again without one.
            var (state, token) = header.Length > 0 ? (KegboardState.Pending, null) : await boards.AskAsync(batch.Device, address, cancellationToken);
            return TypedResults.Json(new Unpaired(new Pairing(Name(state), token)), statusCode: StatusCodes.Status401Unauthorized);
        }

        await intake.TakeAsync(board, batch, cancellationToken);
        var status = batch.Events.Where(item => item.Type == "status").Select(item => KegboardBatch.Read<KegboardStatus>(item.Data)).LastOrDefault();
        await boards.SeenAsync(board, address, status, cancellationToken);
        if (status?.EventsDropped > board.EventsDropped)
        {
            LogDropped(logger, board.Device, status.EventsDropped - board.EventsDropped);
        }

        return TypedResults.Ok(new KegboardAnswer([]));
    }

    /// <summary>How the API names a state.</summary>
    internal static string Name(KegboardState state) => state.ToString().ToLowerInvariant();

    [LoggerMessage(LogLevel.Warning, "Kegboard {Device} had to drop {Count} events before it could send them.")]
    private static partial void LogDropped(ILogger logger, string device, long count);

    /// <summary>What a Kegboard is to do: never anything.</summary>
    internal sealed record KegboardAnswer(IReadOnlyList<object> Commands);

    /// <summary>It may not send yet.</summary>
    internal sealed record Unpaired(Pairing Pairing);

    /// <summary>How its asking stands.</summary>
    internal sealed record Pairing(string State, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Token);
}
