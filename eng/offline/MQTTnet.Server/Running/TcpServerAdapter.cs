using System.Net;
using System.Net.Sockets;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;

namespace MQTTnet.Server.Running;

/// <summary>What a server listens with when the host brings nothing of its own.</summary>
internal sealed class TcpServerAdapter : IMqttServerAdapter
{
    private readonly List<Listener> _listeners = [];
    private CancellationTokenSource? _stopping;

    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    /// <summary>Opens the listeners that the options ask for; all or none.</summary>
    public Task StartAsync(MqttServerOptions options, IMqttNetLogger logger)
    {
        var stopping = new CancellationTokenSource();
        try
        {
            foreach (var endpoint in new MqttServerTcpEndpointBaseOptions[] { options.DefaultEndpointOptions, options.TlsEndpointOptions })
            {
                if (endpoint is MqttServerTlsTcpEndpointOptions { IsEnabled: true, CertificateProvider: null })
                {
                    throw new ArgumentException("The endpoint with TLS has no certificate.");
                }

                if (endpoint.IsEnabled && !endpoint.BoundInterNetworkAddress.Equals(IPAddress.None))
                {
                    Open(endpoint.BoundInterNetworkAddress);
                }

                if (endpoint.IsEnabled && Socket.OSSupportsIPv6 && !endpoint.BoundInterNetworkV6Address.Equals(IPAddress.None))
                {
                    Open(endpoint.BoundInterNetworkV6Address);
                }

                void Open(IPAddress address) => _listeners.Add(new Listener(options, endpoint, address, logger, ServeAsync));
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        _stopping = stopping;
        foreach (var listener in _listeners)
        {
            _ = Task.Run(() => listener.RunAsync(stopping.Token));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync()
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _stopping?.Cancel();
        _stopping = null;
        _listeners.ForEach(listener => listener.Dispose());
        _listeners.Clear();
    }

    private Task ServeAsync(IMqttChannelAdapter channel) => ClientHandler?.Invoke(channel) ?? Task.CompletedTask;
}
