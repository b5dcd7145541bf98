using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;

namespace Ingest.Api.Live;

/// <summary>All open sockets of this replica.</summary>
internal sealed class Listeners
{
    private readonly ConcurrentDictionary<Listener, bool> _open = new();

    /// <summary>Adds a listener, and then accepts its socket, for as long as it runs.</summary>
    public async Task RunAsync(Listener listener, Func<Task<WebSocket>> accept, CancellationToken stopping)
    {
        _open.TryAdd(listener, true);
        try
        {
            using var socket = await accept();
            await listener.RunAsync(socket, stopping);
        }
        finally
        {
            _open.TryRemove(listener, out _);
        }
    }

    /// <summary>Offers a text frame to every listener of a topic.</summary>
    /// <param name="topic">Who is told.</param>
    /// <param name="text">The frame.</param>
    /// <param name="exceptTap">The tap that need not be told, because it is its own doing.</param>
    public void Tell(Topic topic, string text, int? exceptTap = null)
    {
        if (_open.IsEmpty)
        {
            return;
        }

        var frame = Encoding.UTF8.GetBytes(text);
        foreach (var (listener, _) in _open)
        {
            if (listener.Topic == topic && (exceptTap is null || listener.Tap != exceptTap))
            {
                listener.Offer(frame);
            }
        }
    }
}
