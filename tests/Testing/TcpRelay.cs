using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Testing;

/// <summary>A network between a client and a server on loopback that a test may break. One server, any number of connections.</summary>
public sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Connection, bool> _connections = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private readonly int _target;
    private volatile bool _isSilent;
    private volatile bool _isAway;
    private long _delayTicks;
    private long _bytesToClients;

    /// <summary>Begins to listen.</summary>
    /// <param name="target">Port of the server, which may be there later, and go and come again.</param>
    public TcpRelay(int target)
    {
        _target = target;
        _listener.Start(1_024);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>The port for clients.</summary>
    public int Port { get; }

    /// <summary>Whether new connections are reset at once.</summary>
    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    /// <summary>What the server has sent to all clients, in bytes.</summary>
    public long BytesToClients => Interlocked.Read(ref _bytesToClients);

    /// <summary>Breaks every connection off: where something is on its way, after the first half of it.</summary>
    public async Task CutAsync()
    {
        Connection[] all = [.. _connections.Keys];
        foreach (var connection in all)
        {
            connection.CutSoon();
        }

        // One on which nothing is sent is cut between two packets.
        await Task.Delay(100);
        foreach (var connection in all)
        {
            connection.Dispose();
        }
    }

    /// <summary>
    /// Nothing passes for a while and nothing closes. The connections of that time stay like this for good, as behind a router that has
    /// forgotten them; those that come later are as they should be.
    /// </summary>
    public async Task SilenceAsync(TimeSpan duration)
    {
        _isSilent = true;
        foreach (var connection in _connections.Keys)
        {
            connection.IsSilent = true;
        }

        await Task.Delay(duration);
        _isSilent = false;
    }

    /// <summary>For a while all that passes comes late, and in order.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="delay">How late.</param>
    public async Task SlowAsync(TimeSpan duration, TimeSpan delay)
    {
        Interlocked.Exchange(ref _delayTicks, delay.Ticks);
        await Task.Delay(duration);
        Interlocked.Exchange(ref _delayTicks, 0);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        foreach (var connection in _connections.Keys)
        {
            connection.Dispose();
        }

        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var connection = new Connection(this, await _listener.AcceptSocketAsync(_end.Token)) { IsSilent = _isSilent };
                if (_isAway)
                {
                    connection.Dispose();
                    continue;
                }

                _connections[connection] = true;
                _ = RunAsync(connection);
            }
            catch (Exception ex) when (ex is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The relay ends, or the client has gone already.
            }
        }
    }

    private async Task RunAsync(Connection connection)
    {
        try
        {
            await connection.RunAsync(_target);
        }
        catch (Exception ex) when (ex is SocketException or ObjectDisposedException)
        {
            // Either side has gone, or the server is not there.
        }
        finally
        {
            connection.Dispose();
            _connections.TryRemove(connection, out _);
        }
    }

    private sealed class Connection(TcpRelay relay, Socket client) : IDisposable
    {
        private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private volatile bool _isCut;
        private bool _isAborted;

        // What is read while nothing passes is gone.
        public volatile bool IsSilent;

        public async Task RunAsync(int target)
        {
            client.NoDelay = true;
            if (IsSilent)
            {
                await PumpAsync(client, _server);
                return;
            }

            await _server.ConnectAsync(IPAddress.Loopback, target);
            Task[] both = [PumpAsync(client, _server), PumpAsync(_server, client)];
            await Task.WhenAny(both);
            if (IsSilent)
            {
                // Where one side gives up, the other is not told.
                await Task.WhenAll(both);
            }
        }

        public void CutSoon() => _isCut = true;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isAborted, true))
            {
                return;
            }

            foreach (var socket in (Socket[])[client, _server])
            {
                // With a reset, as what breaks off does; nothing that waits is sent.
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
            }
        }

        private async Task PumpAsync(Socket from, Socket to)
        {
            var buffer = new byte[16 * 1_024];
            try
            {
                while (await from.ReceiveAsync(buffer) is > 0 and var count)
                {
                    if (Interlocked.Read(ref relay._delayTicks) is > 0 and var delay)
                    {
                        await Task.Delay(TimeSpan.FromTicks(delay));
                    }

                    if (IsSilent)
                    {
                        continue;
                    }

                    if (from == _server)
                    {
                        Interlocked.Add(ref relay._bytesToClients, count);
                    }

                    await SendAsync(to, buffer.AsMemory(..(_isCut ? count / 2 : count)));
                    if (_isCut)
                    {
                        // A reset could overtake what was sent.
                        to.Shutdown(SocketShutdown.Send);
                        await Task.Delay(20);
                        return;
                    }
                }
            }
            catch (Exception ex) when (ex is SocketException or ObjectDisposedException)
            {
                // That is the end.
            }
        }

        private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await to.SendAsync(bytes)..];
            }
        }
    }
}
