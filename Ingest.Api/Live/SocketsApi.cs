using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Taproom;

namespace Ingest.Api.Live;

/// <summary>The sockets under <c>/sockets</c>, and under <c>/socket</c> as one client's manual has it.</summary>
internal static class SocketsApi
{
    private const string WrongTap = "The parameter 'tap' must be a whole number, 1 or more.";

    /// <summary>A client whose socket breaks comes back in this time.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    /// <summary>Adds the feeds and their listeners.</summary>
    public static void AddSockets(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Listeners>();
        builder.Services.AddSingleton(services => new ListenerGate(Linger, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService<LiveFeed>();
    }

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

    private static Task<IResult> ListenToBeers(HttpContext context, [FromQuery, Range(1, int.MaxValue, ErrorMessage = WrongTap)] int? tap) =>
        ListenAsync(context, Topic.Beers, tap);

    private static Task<IResult> ListenToMessages(HttpContext context) => ListenAsync(context, Topic.Messages, tap: null);

    private static Task<IResult> ListenToEvents(HttpContext context) => ListenAsync(context, Topic.Events, tap: null);

    private static async Task<IResult> ListenAsync(HttpContext context, Topic topic, int? tap)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            return Problems.Of(StatusCodes.Status426UpgradeRequired, "This address speaks WebSocket only.");
        }

        var services = context.RequestServices;
        if (!services.GetRequiredService<IOptions<OriginOptions>>().Value.Allows(context.Request))
        {
            return Problems.Of(StatusCodes.Status403Forbidden, "Pages of this origin may not listen here.");
        }

        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        // Who listens from when the socket is accepted misses nothing.
        using var listening = services.GetRequiredService<ListenerGate>().Enter();
        await listening.Ready.WaitAsync(Deadlines.Answer, context.RequestAborted);
        await services.GetRequiredService<Listeners>().RunAsync(new Listener(topic, tap), context.WebSockets.AcceptWebSocketAsync, stopping);
        return Results.Empty;
    }
}
