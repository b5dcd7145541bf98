using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Clients;

namespace Mqtt.Bridge.Listener;

/// <summary>Listens for MQTT over TCP and TLS by a Kestrel of its own, beside the one of the HTTP endpoints.</summary>
/// <remarks>
/// One Kestrel for both would not take its HTTP addresses from the configuration (<c>ASPNETCORE_URLS</c>) once a port is opened in
/// code, would count both kinds of connections together, and would close those of taps before their messages are answered.
/// </remarks>
internal sealed class KestrelListener : IDisposable
{
    /// <summary>Bytes of one connection that wait to be looked at, or to be sent; a larger packet is read in parts.</summary>
    private const int BufferBytes = 16 * 1_024;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly KestrelServer _server;

    /// <summary>Reads the certificate; opens nothing yet.</summary>
    /// <exception cref="InvalidOperationException">The certificate cannot be used, or the address.</exception>
    public KestrelListener(IOptions<MqttListenerOptions> listenerOptions, ConnectionLimits limits, IServiceProvider services)
    {
        var options = listenerOptions.Value;
        var log = services.GetRequiredService<ILoggerFactory>();
        var kestrel = new KestrelServerOptions { ApplicationServices = services };
        // Clients above MaxConnections are told so in an answer to their CONNECT; some room for that, and no more.
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections + options.ConnectionBacklog;
        Listen(kestrel, options.ListenAddress, options.Port, endpoint => Handle(endpoint, limits, tls: null));
        if (options.HasTls)
        {
            var certificate = new TlsCertificate(options, log.CreateLogger<TlsCertificate>());
            var tls = new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(certificate.ToOptions()),
                HandshakeTimeout = options.CommunicationTimeout,
            };
            Listen(kestrel, options.ListenAddress, options.TlsPort, endpoint => Handle(endpoint, limits, tls));
        }

        var sockets = new SocketTransportOptions
        {
            Backlog = options.ConnectionBacklog,
            MaxReadBufferSize = BufferBytes,
            MaxWriteBufferSize = BufferBytes,
            // Nothing here blocks a thread, and each hand-over to another one would cost as much as what is handed over.
            UnsafePreferInlineScheduling = true,
        };
        _server = new KestrelServer(Options.Create(kestrel), new SocketTransportFactory(Options.Create(sockets), log), log);
    }

    /// <summary>Opens the ports.</summary>
    /// <exception cref="IOException">A port is taken.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _server.StartAsync(new NoHttp(), cancellationToken);

    /// <summary>Closes the ports, and then the connections that do not end by themselves.</summary>
    public async Task StopAsync()
    {
        using var timeout = new CancellationTokenSource(StopTimeout);
        await _server.StopAsync(timeout.Token);
    }

    /// <inheritdoc />
    public void Dispose() => _server.Dispose();

    private static void Listen(KestrelServerOptions kestrel, string? address, int port, Action<ListenOptions> configure)
    {
        if (string.IsNullOrEmpty(address))
        {
            kestrel.ListenAnyIP(port, configure);
        }
        else if (address == "localhost")
        {
            kestrel.ListenLocalhost(port, configure);
        }
        else if (IPAddress.TryParse(address, out var parsed))
        {
            kestrel.Listen(parsed, port, configure);
        }
        else
        {
            throw new InvalidOperationException($"Mqtt:ListenAddress must be localhost or an IP address, not '{address}'.");
        }
    }

    private static void Handle(ListenOptions endpoint, ConnectionLimits limits, TlsHandshakeCallbackOptions? tls)
    {
        endpoint.Use(limits.LimitAddresses);
        endpoint.Use(limits.CloseInTime);
        if (tls is not null)
        {
            endpoint.UseHttps(tls);
        }

        endpoint.UseConnectionHandler<TapConnectionHandler>();
    }

    /// <summary>Kestrel asks for it; no connection gets this far.</summary>
    private sealed class NoHttp : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public void DisposeContext(IFeatureCollection context, Exception? exception) { }

        public Task ProcessRequestAsync(IFeatureCollection context) => Task.CompletedTask;
    }
}
