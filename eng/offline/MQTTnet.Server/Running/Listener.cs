using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace MQTTnet.Server.Running;

/// <summary>Accepts connections on one address and hands them over, TLS done.</summary>
internal sealed class Listener : IDisposable
{
    private readonly ServerCore _core;
    private readonly MqttServerTcpEndpointBaseOptions _options;
    private readonly Socket _socket;

    public Listener(ServerCore core, MqttServerTcpEndpointBaseOptions options, IPAddress address)
    {
        _core = core;
        _options = options;
        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                // IPv4 has a listener of its own.
                _socket.DualMode = false;
            }

            if (options.ReuseAddress)
            {
                _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            }

            _socket.Bind(new IPEndPoint(address, options.Port));
            _socket.Listen(options.ConnectionBacklog);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens the listeners that the options ask for; all or none.</summary>
    public static List<Listener> OpenAll(ServerCore core)
    {
        var listeners = new List<Listener>();
        try
        {
            foreach (var options in new MqttServerTcpEndpointBaseOptions[] { core.Options.DefaultEndpointOptions, core.Options.TlsEndpointOptions })
            {
                if (!options.IsEnabled)
                {
                    continue;
                }

                if (options is MqttServerTlsTcpEndpointOptions { CertificateProvider: null })
                {
                    throw new ArgumentException("The endpoint with TLS has no certificate.");
                }

                if (!options.BoundInterNetworkAddress.Equals(IPAddress.None))
                {
                    listeners.Add(new Listener(core, options, options.BoundInterNetworkAddress));
                }

                if (Socket.OSSupportsIPv6 && !options.BoundInterNetworkV6Address.Equals(IPAddress.None))
                {
                    listeners.Add(new Listener(core, options, options.BoundInterNetworkV6Address));
                }
            }

            return listeners;
        }
        catch
        {
            listeners.ForEach(l => l.Dispose());
            throw;
        }
    }

    /// <summary>Accepts until the token ends; <paramref name="start"/> runs the service of one connection.</summary>
    public async Task RunAsync(Func<bool> accepts, Action<Func<Task>> start, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var client = await _socket.AcceptAsync(stopping).ConfigureAwait(false);
                if (accepts())
                {
                    start(() => ServeAsync(client, stopping));
                }
                else
                {
                    client.Dispose();
                }
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception)
            {
                // No more file descriptors, for one: connections that end make room.
                _core.Log.Error(exception, "Accepting a connection failed.");
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task ServeAsync(Socket client, CancellationToken stopping)
    {
        try
        {
            Configure(client);
            Stream stream = new NetworkStream(client, ownsSocket: true);
            await using (stream.ConfigureAwait(false))
            {
                X509Certificate2? certificate = null;
                if (_options is MqttServerTlsTcpEndpointOptions tls)
                {
                    var secure = await AuthenticateAsync(stream, tls, stopping).ConfigureAwait(false);
                    certificate = secure.RemoteCertificate is null ? null : X509CertificateLoader.LoadCertificate(secure.RemoteCertificate.GetRawCertData());
                    stream = secure;
                }

                using var connection = new ClientConnection(_core, client, stream, certificate, stream is SslStream, stopping);
                await connection.RunAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            _core.Log.Warning(exception, "A connection could not be served.");
        }
        finally
        {
            client.Dispose();
        }
    }

    private void Configure(Socket client)
    {
        client.NoDelay = _options.NoDelay;
        if (_options.KeepAlive is { } keepAlive)
        {
            client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, keepAlive);
        }

        Set(SocketOptionName.TcpKeepAliveInterval, _options.TcpKeepAliveInterval);
        Set(SocketOptionName.TcpKeepAliveRetryCount, _options.TcpKeepAliveRetryCount);
        Set(SocketOptionName.TcpKeepAliveTime, _options.TcpKeepAliveTime);

        void Set(SocketOptionName name, int? value)
        {
            if (value is { } v)
            {
                client.SetSocketOption(SocketOptionLevel.Tcp, name, v);
            }
        }
    }

    private async Task<SslStream> AuthenticateAsync(Stream inner, MqttServerTlsTcpEndpointOptions tls, CancellationToken stopping)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        timeout.CancelAfter(_core.Options.DefaultCommunicationTimeout);
        var stream = new SslStream(inner, leaveInnerStreamOpen: false);
        try
        {
            var options = new SslServerAuthenticationOptions
            {
                ServerCertificate = tls.CertificateProvider!.GetCertificate(),
                ClientCertificateRequired = tls.ClientCertificateRequired,
                EnabledSslProtocols = tls.SslProtocol,
                CertificateRevocationCheckMode = tls.CheckCertificateRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
                CipherSuitesPolicy = tls.CipherSuitesPolicy,
                RemoteCertificateValidationCallback = tls.RemoteCertificateValidationCallback,
            };
            await stream.AuthenticateAsServerAsync(options, timeout.Token).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
