using System.Net;
using System.Net.Sockets;

namespace Tap.Simulator.Transports;

/// <summary>A relayed TCP connection that can stop reading what the server sends, whatever client speaks over it.</summary>
/// <remarks>
/// An MQTT client reads all that comes. Behind a relay of its own on loopback it can be kept from that: what the server sends then
/// fills the buffers on its way, and at last the server's own, as with a device that hangs.
/// </remarks>
internal sealed class SlowLine : IDisposable
{
    // Small, so that the server soon notices.
    private const int BufferBytes = 4 * 1024;

    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Socket _far = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = BufferBytes };
    private readonly TimeProvider _time;
    private Task _pause = Task.CompletedTask;

    private SlowLine(TimeProvider time) => _time = time;

    /// <summary>Where the client connects, once.</summary>
    public IPEndPoint Near => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Connects to a server.</summary>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    public static async Task<SlowLine> OpenAsync(string host, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        var line = new SlowLine(time);
        try
        {
            await line._far.ConnectAsync(host, port, cancellationToken);
            line._listener.Start(backlog: 1);
            // Ends with the line.
            _ = line.RunAsync();
            return line;
        }
        catch
        {
            line.Dispose();
            throw;
        }
    }

    /// <summary>Reads nothing from the server for a while; what the client sends still goes there.</summary>
    public void StopReading(TimeSpan pause) => Volatile.Write(ref _pause, Task.Delay(pause, _time, _end.Token));

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _far.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            using var near = await _listener.AcceptSocketAsync(_end.Token);
            near.NoDelay = true;
            await Task.WhenAny(CopyAsync(near, _far, () => Task.CompletedTask), CopyAsync(_far, near, () => Volatile.Read(ref _pause)));
        }
        catch (Exception ex) when (ex is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client never connected.
        }
        finally
        {
            // When one side ends, so does the other.
            Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to, Func<Task> pause)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            int read;
            while ((read = await ReadAsync(from, buffer, pause)) > 0)
            {
                // It may have been read just before the pause began.
                await pause();
                for (var sent = 0; sent < read; )
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _end.Token);
                }
            }
        }
        catch (Exception ex) when (ex is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The line has ended.
        }
    }

    private async Task<int> ReadAsync(Socket from, byte[] buffer, Func<Task> pause)
    {
        await pause();
        return await from.ReceiveAsync(buffer, _end.Token);
    }
}
