using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Dashboard.Web.Tests;

/// <summary>A listener of the hub that is none of ours: a bare WebSocket with SignalR's JSON protocol.</summary>
/// <remarks>Protocol: dotnet/aspnetcore, src/SignalR/docs/specs/HubProtocol.md. Each message ends with 0x1E.</remarks>
internal sealed class Listener : IAsyncDisposable
{
    private const char End = '\u001e';
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket = new();
    private readonly Queue<JsonElement> _messages = new();
    private string _rest = "";

    public static async Task<Listener> ConnectAsync(Uri hub)
    {
        var listener = new Listener();
        using var patience = new CancellationTokenSource(Patience);
        await listener._socket.ConnectAsync(new UriBuilder(hub) { Scheme = "ws" }.Uri, patience.Token);
        await listener.SendAsync("""{"protocol":"json","version":1}""");
        var answer = await listener.ReadAsync();
        Assert.False(answer.TryGetProperty("error", out _));
        return listener;
    }

    public Task SendAsync(string json) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(json + End), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>The next invocation: the client method's name and its one argument.</summary>
    public async Task<(string Method, JsonElement Argument)> NextAsync()
    {
        while (true)
        {
            var message = await ReadAsync();
            if (message.GetProperty("type").GetInt32() == 1)
            {
                return (message.GetProperty("target").GetString()!, message.GetProperty("arguments").EnumerateArray().Single());
            }
        }
    }

    /// <summary>The next message of any kind but a ping.</summary>
    public async Task<JsonElement> ReadAsync()
    {
        while (true)
        {
            while (_messages.Count == 0)
            {
                await ReceiveAsync();
            }

            var message = _messages.Dequeue();
            if (!message.TryGetProperty("type", out var type) || type.GetInt32() != 6)
            {
                return message;
            }
        }
    }

    /// <summary>Reads on until the server has ended the connection.</summary>
    public async Task EndedAsync()
    {
        try
        {
            while (_socket.State is WebSocketState.Open)
            {
                await ReceiveAsync();
            }
        }
        catch (WebSocketException)
        {
            // Cut off, not closed: ended as well.
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[64 * 1024];
        var received = await _socket.ReceiveAsync(buffer, patience.Token);
        var parts = (_rest + Encoding.UTF8.GetString(buffer, 0, received.Count)).Split(End);
        _rest = parts[^1];
        foreach (var part in parts[..^1])
        {
            _messages.Enqueue(JsonSerializer.Deserialize<JsonElement>(part));
        }
    }
}
