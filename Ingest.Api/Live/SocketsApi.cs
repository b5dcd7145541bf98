using Ingest.Api.Access;
using Ingest.Api.Answers;
using Ingest.Api.Lists;
using Microsoft.Extensions.Options;

namespace Ingest.Api.Live;

/// <summary>The sockets under <c>/sockets</c>, and under <c>/socket</c> as one client's manual has it.</summary>
internal static class SocketsApi
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(1.5);

    /// <summary>Adds the feeds and their listeners.</summary>
    public static void AddSockets(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Listeners>();
        builder.Services.AddSingleton<LiveFeed>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LiveFeed>());
        builder.Services.AddHostedService<StoreFeed>();
    }

    /// <summary>Maps the sockets.</summary>
    public static void MapSockets(this IEndpointRouteBuilder routes)
    {
        foreach (var prefix in (string[])["/sockets", "/socket"])
        {
            var group = routes.MapGroup(prefix);
            group.DisableRequestTimeout().ExcludeFromDescription();
            group.MapGet("/beers", ListenToBeers);
            group.MapGet("/messages", (Delegate)ListenToMessages);
            group.MapGet("/events", (Delegate)ListenToEvents);
        }
    }

    private static Task<IResult> ListenToBeers(HttpContext context, string? tap) => ListenAsync(context, Topic.Beers, tap);

    private static Task<IResult> ListenToMessages(HttpContext context) => ListenAsync(context, Topic.Messages, tap: null);

    private static Task<IResult> ListenToEvents(HttpContext context) => ListenAsync(context, Topic.Events, tap: null);

    private static async Task<IResult> ListenAsync(HttpContext context, Topic topic, string? tap)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            return Problems.Of(StatusCodes.Status426UpgradeRequired, "This address speaks WebSocket only.");
        }

        if (!QueryText.TryWhole("tap", tap, min: 1, out var tapId, out var refusal))
        {
            return Problems.Of(refusal!);
        }

        var services = context.RequestServices;
        if (!services.GetRequiredService<IOptions<OriginOptions>>().Value.Allows(context.Request))
        {
            return Problems.Of(StatusCodes.Status403Forbidden, "Pages of this origin may not listen here.");
        }

        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await services.GetRequiredService<LiveFeed>().Following.WaitAsync(ReadyWithin, context.RequestAborted);
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await services.GetRequiredService<Listeners>().RunAsync(new Listener(socket, topic, tapId), stopping);
        return Results.Empty;
    }
}
