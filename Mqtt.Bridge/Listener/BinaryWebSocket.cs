using System.Net.WebSockets;
using Microsoft.AspNetCore.Http.Features;

namespace Mqtt.Bridge.Listener;

/// <summary>A WebSocket that is closed by a frame of text: MQTT is spoken in binary frames only (MQTT 5, section 6).</summary>
/// <remarks>The framework's connection handler would take the text for packets.</remarks>
internal sealed class BinaryWebSocket(WebSocket socket) : WebSocket
{
    /// <inheritdoc />
    public override WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    /// <inheritdoc />
    public override string? CloseStatusDescription => socket.CloseStatusDescription;

    /// <inheritdoc />
    public override WebSocketState State => socket.State;

    /// <inheritdoc />
    public override string? SubProtocol => socket.SubProtocol;

    /// <summary>Middleware: every socket that is accepted behind it is one of these.</summary>
    public static Task AcceptAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpWebSocketFeature>() is { } feature)
        {
            context.Features.Set<IHttpWebSocketFeature>(new Feature(feature));
        }

        return next(context);
    }

    /// <inheritdoc />
    public override void Abort() => socket.Abort();

    /// <inheritdoc />
    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        socket.CloseAsync(closeStatus, statusDescription, cancellationToken);

    /// <inheritdoc />
    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        socket.CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

    /// <inheritdoc />
    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        var received = await ReceiveAsync(buffer.AsMemory(), cancellationToken);
        return new WebSocketReceiveResult(received.Count, received.MessageType, received.EndOfMessage);
    }

    /// <inheritdoc />
    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var received = await socket.ReceiveAsync(buffer, cancellationToken);
        if (received.MessageType is not WebSocketMessageType.Text)
        {
            return received;
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.InvalidMessageType, "MQTT is binary.", cancellationToken);
        return new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, endOfMessage: true);
    }

    /// <inheritdoc />
    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType type, bool endOfMessage, CancellationToken cancellationToken) =>
        socket.SendAsync(buffer, type, endOfMessage, cancellationToken);

    /// <inheritdoc />
    public override ValueTask SendAsync(
        ReadOnlyMemory<byte> buffer,
        WebSocketMessageType type,
        bool endOfMessage,
        CancellationToken cancellationToken
    ) => socket.SendAsync(buffer, type, endOfMessage, cancellationToken);

    /// <inheritdoc />
    public override void Dispose() => socket.Dispose();

    private sealed class Feature(IHttpWebSocketFeature feature) : IHttpWebSocketFeature
    {
        public bool IsWebSocketRequest => feature.IsWebSocketRequest;

        public async Task<WebSocket> AcceptAsync(WebSocketAcceptContext context) => new BinaryWebSocket(await feature.AcceptAsync(context));
    }
}
