using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Intake;
using Mqtt.Bridge.Listener;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Server;

namespace Mqtt.Bridge.Connections;

/// <summary>Accepts the connections of taps, over TCP and TLS, as far as their number and their time to introduce themselves allow.</summary>
/// <remarks>In place of the listener that the MQTT server has, which bounds neither; nor the size of a packet, see <see cref="TapChannel"/>.</remarks>
internal sealed partial class TcpFrontDoor(
    OpenConnections connections,
    MessageIntake intake,
    BridgeMetrics metrics,
    IOptions<MqttListenerOptions> options,
    TimeProvider time,
    ILogger<TcpFrontDoor> logger
) : IMqttServerAdapter
{
    /// <summary>Largest CONNECT: client id, user name, token and will are short, and whoever sends it is still unknown.</summary>
    public const int MaxConnectBytes = 4 * 1_024;

    /// <summary>What the system keeps for a client that does not read; by itself it would keep megabytes.</summary>
    private const int SendBufferBytes = 64 * 1_024;

    private static readonly TimeSpan AcceptRetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly MqttListenerOptions _options = options.Value;
    private readonly List<Socket> _doors = [];
    private readonly ConcurrentDictionary<Task, bool> _served = [];
    private readonly CancellationTokenSource _stopping = new();
    private IMqttNetLogger? _serverLog;

    /// <inheritdoc />
    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    /// <summary>A connection has ended, and the server has nothing more to say of it.</summary>
    public event Func<EndPoint, Task>? Ended;

    /// <summary>Opens the port, and that for TLS when there is a certificate.</summary>
    /// <exception cref="SocketException">A port cannot be had.</exception>
    /// <exception cref="InvalidOperationException">The certificate cannot be used.</exception>
    public Task StartAsync(MqttServerOptions serverOptions, IMqttNetLogger serverLog)
    {
        _serverLog = serverLog;
        var certificate = _options.ReadCertificate();
        Open(_options.Port, certificate: null);
        if (certificate is not null)
        {
            Open(_options.TlsPort, certificate);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task StopAsync()
    {
        Dispose();
        try
        {
            await Task.WhenAll(_served.Keys).WaitAsync(StopPatience, time);
        }
        catch (TimeoutException ex)
        {
            LogBroken(ex.Message);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stopping.Cancel();
        _doors.ForEach(door => door.Dispose());
    }

    private void Open(int port, SslStreamCertificateContext? certificate)
    {
        // Without a family it takes IPv6, with IPv4 beside it, where the system has that.
        var door = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _doors.Add(door);
        door.Bind(new IPEndPoint(door.AddressFamily is AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, port));
        door.Listen(_options.ConnectionBacklog);
        Serve(() => AcceptAsync(door, certificate, _stopping.Token));
    }

    private async Task AcceptAsync(Socket door, SslStreamCertificateContext? certificate, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await door.AcceptAsync(stopping);
                Serve(() => ServeAsync(socket, certificate, stopping));
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                // The door is closed.
            }
            catch (SocketException ex)
            {
                // No more file descriptors, for one: connections that end make room.
                LogNotAccepted(ex.Message);
                await Task.Delay(AcceptRetryDelay, time, CancellationToken.None);
            }
        }
    }

    private void Serve(Func<Task> work)
    {
        var task = Task.Run(work);
        _served[task] = true;
        task.ContinueWith(done => _served.TryRemove(done, out _), TaskScheduler.Default);
    }

    private async Task ServeAsync(Socket socket, SslStreamCertificateContext? certificate, CancellationToken stopping)
    {
        using var _ = socket;
        try
        {
            var remote = RemoteOf(socket);
            if (!connections.TryEnter(remote.Address))
            {
                metrics.ConnectionRefused("TooManyConnections");
                return;
            }

            try
            {
                await HandleAsync(socket, remote, certificate, stopping);
            }
            finally
            {
                connections.Leave(remote.Address);
                await (Ended?.Invoke(remote) ?? Task.CompletedTask);
            }
        }
        catch (Exception ex)
        {
            LogBroken(ex.Message);
        }
    }

    private async Task HandleAsync(Socket socket, EndPoint remote, SslStreamCertificateContext? certificate, CancellationToken stopping)
    {
        socket.NoDelay = true;
        socket.SendBufferSize = SendBufferBytes;
        await using var stream = await OpenAsync(socket, certificate, stopping);
        using var connection = Connect(new TapChannel(socket, stream, remote, MaxConnectBytes));
        await (ClientHandler?.Invoke(connection) ?? Task.CompletedTask);
    }

    private static IPEndPoint RemoteOf(Socket socket)
    {
        var remote = (IPEndPoint)socket.RemoteEndPoint!;
        return remote.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(remote.Address.MapToIPv4(), remote.Port) : remote;
    }

    private async Task<Stream> OpenAsync(Socket socket, SslStreamCertificateContext? certificate, CancellationToken stopping)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (certificate is null)
        {
            return stream;
        }

        using var patience = new CancellationTokenSource(_options.CommunicationTimeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, patience.Token);
        return await certificate.SecureAsync(stream, end.Token);
    }

    private TapConnection Connect(TapChannel channel)
    {
        var formatter = new MqttPacketFormatterAdapter(new MqttBufferWriter(bufferSize: 1_024, maxBufferSize: _options.MaxPacketSize));
        return new TapConnection(
            channel,
            new MqttChannelAdapter(channel, formatter, _serverLog!),
            _options,
            metrics,
            (connect, bytes, token) => intake.SetAsideUnreadAsync(connect.Username, connect.ClientId, bytes, token),
            time,
            logger
        );
    }

    [LoggerMessage(LogLevel.Warning, "A connection could not be accepted: {Message}")]
    private partial void LogNotAccepted(string message);

    [LoggerMessage(LogLevel.Debug, "A connection is broken: {Message}")]
    private partial void LogBroken(string message);
}
