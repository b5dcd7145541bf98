using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Intake;

namespace Mqtt.Bridge.Listener;

/// <summary>Middleware of connections: how many one address may have, how a vanished peer is noticed, and how a connection ends.</summary>
internal sealed class ConnectionLimits(IOptions<MqttListenerOptions> options, BridgeMetrics metrics, TimeProvider time)
{
    /// <summary>What the system keeps for a client that does not read; by itself it would keep megabytes.</summary>
    private const int SendBufferBytes = 16 * 1_024;

    /// <summary>Questions that TCP asks a quiet peer, over as long as it was quiet before.</summary>
    private const int KeepAliveProbes = 3;

    /// <summary>How long a client may take to read the last packets.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly Dictionary<IPAddress, int> _ofAddress = [];

    /// <summary>Limits the connections of one network address.</summary>
    public ConnectionDelegate LimitAddresses(ConnectionDelegate next) =>
        async connection =>
        {
            var address = AddressOf(connection) ?? IPAddress.None;
            if (!TryEnter(address))
            {
                metrics.ConnectionRefused("TooManyConnections");
                return;
            }

            try
            {
                await next(connection);
            }
            finally
            {
                Leave(address);
            }
        };

    /// <summary>Has TCP notice a peer that vanished, and lets go of one that does not read.</summary>
    public ConnectionDelegate CloseInTime(ConnectionDelegate next) =>
        async connection =>
        {
            if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
            {
                Configure(socket);
            }

            try
            {
                await next(connection);
            }
            finally
            {
                await CloseAsync(connection);
            }
        };

    /// <summary>The network address at the other end; null when it is not known.</summary>
    public static IPAddress? AddressOf(ConnectionContext connection)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? connection.GetHttpContext()?.Connection.RemoteIpAddress;
        return address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
    }

    private async Task CloseAsync(ConnectionContext connection)
    {
        try
        {
            // Kestrel does this too, and would wait for ever until the client has read all. That the connection is closed it says
            // earlier: as soon as nothing more is received.
            await connection.DisposeAsync().AsTask().WaitAsync(CloseTimeout, time);
        }
        catch (TimeoutException)
        {
            connection.Abort();
        }
    }

    private void Configure(Socket socket)
    {
        var seconds = (int)options.Value.TcpKeepAlive.TotalSeconds;
        socket.SendBufferSize = SendBufferBytes;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, seconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, seconds / KeepAliveProbes);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
    }

    private bool TryEnter(IPAddress address)
    {
        lock (_ofAddress)
        {
            var count = _ofAddress.GetValueOrDefault(address);
            if (count >= options.Value.MaxConnectionsPerAddress)
            {
                return false;
            }

            _ofAddress[address] = count + 1;
            return true;
        }
    }

    private void Leave(IPAddress address)
    {
        lock (_ofAddress)
        {
            if (--_ofAddress[address] == 0)
            {
                _ofAddress.Remove(address);
            }
        }
    }
}
