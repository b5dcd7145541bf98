using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR.Client;

namespace Dashboard.Web.Tests;

/// <summary>Another program that listens to the hub, by SignalR's own client.</summary>
internal sealed class Listener(HubConnection connection) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Channel<(string Method, JsonElement Argument)> _frames = Channel.CreateUnbounded<(string, JsonElement)>();

    public static async Task<Listener> ConnectAsync(Uri hub)
    {
        var listener = new Listener(new HubConnectionBuilder().WithUrl(hub).Build());
        await listener.StartAsync();
        return listener;
    }

    /// <summary>The next frame: the client method's name and its one argument.</summary>
    public Task<(string Method, JsonElement Argument)> NextAsync() => _frames.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>Calls a method of the server.</summary>
    public Task CallAsync(string method, params object[] arguments) => connection.InvokeCoreAsync(method, arguments).WaitAsync(Patience);

    /// <summary>Calls a method of the server that streams.</summary>
    public async Task<IReadOnlyList<JsonElement>> StreamAsync(string method, object argument)
    {
        using var patience = new CancellationTokenSource(Patience);
        var items = new List<JsonElement>();
        await foreach (var item in connection.StreamAsync<JsonElement>(method, argument, patience.Token))
        {
            items.Add(item);
        }

        return items;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private Task StartAsync()
    {
        foreach (var method in (string[])["pour", "message", "event", "stored", "deleted"])
        {
            connection.On<JsonElement>(method, argument => _frames.Writer.TryWrite((method, argument)));
        }

        return connection.StartAsync();
    }
}
