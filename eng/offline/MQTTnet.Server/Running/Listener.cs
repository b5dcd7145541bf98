using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;

namespace MQTTnet.Server.Running;

/// <summary>Accepts connections on one address and hands them over, TLS done.</summary>
internal sealed class Listener : IDisposable
{
    private readonly MqttServerOptions _server;
    private readonly MqttServerTcpEndpointBaseOptions _options;
    private readonly IMqttNetLogger _logger;
    private readonly SourceLog _log;
    private readonly Func<IMqttChannelAdapter, Task> _serve;
    private readonly Socket _socket;

    public Listener(
        MqttServerOptions server, MqttServerTcpEndpointBaseOptions options, IPAddress address, IMqttNetLogger logger, Func<IMqttChannelAdapter, Task> serve)
    {
        _server = server;
        _options = options;
        _logger = logger;
        _log = new SourceLog(logger, nameof(Listener));
        _serve = serve;
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

    /// <summary>Accepts until the token ends.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var client = await _socket.AcceptAsync(stopping).ConfigureAwait(false);
                _ = Task.Run(() => ServeAsync(client, stopping), CancellationToken.None);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception)
            {
                // No more file descriptors, for one: connections that end make room.
                _log.Error(exception, "Accepting a connection failed.");
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

                var channel = new TcpChannel(stream, client.LocalEndPoint, client.RemoteEndPoint, certificate);
                var formatter = new MqttPacketFormatterAdapter(new MqttBufferWriter(_server.WriterBufferSize, _server.WriterBufferSizeMax));
                using var adapter = new MqttChannelAdapter(channel, formatter, _logger);
                await _serve(adapter).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            _log.Warning(exception, "A connection could not be served.");
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
        timeout.CancelAfter(_server.DefaultCommunicationTimeout);
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
