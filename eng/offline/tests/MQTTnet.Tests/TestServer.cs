using System.Collections.Concurrent;
using System.Net;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace MQTTnet.Tests;

/// <summary>The server under test on a port of its own, with a record of what it was sent.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly List<IMqttClient> _clients = [];

    private TestServer(MqttServer server, int port)
    {
        Server = server;
        Port = port;
        Server.InterceptingPublishAsync += args =>
        {
            Published.Enqueue(args.ApplicationMessage);
            return Task.CompletedTask;
        };
        Server.ClientSubscribedTopicAsync += args =>
        {
            Subscribed.Enqueue(args);
            return Task.CompletedTask;
        };
        Server.ClientDisconnectedAsync += args =>
        {
            Disconnected.Enqueue(args);
            return Task.CompletedTask;
        };
    }

    public MqttServer Server { get; }

    public int Port { get; }

    public ConcurrentQueue<MqttApplicationMessage> Published { get; } = new();

    public ConcurrentQueue<ClientSubscribedTopicEventArgs> Subscribed { get; } = new();

    public ConcurrentQueue<ClientDisconnectedEventArgs> Disconnected { get; } = new();

    /// <summary>Starts a server that <paramref name="configure"/> may change before.</summary>
    public static async Task<TestServer> StartAsync(Action<MqttServerOptions>? configure = null, Action<MqttServer>? prepare = null)
    {
        var factory = new MqttServerFactory();
        var port = Support.FreePort();
        var options = factory.CreateServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointPort(port)
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .WithPersistentSessions()
            .Build();
        options.KeepAliveOptions.MonitorInterval = TimeSpan.FromMilliseconds(50);
        configure?.Invoke(options);
        var server = factory.CreateMqttServer(options);
        prepare?.Invoke(server);
        var test = new TestServer(server, port);
        await server.StartAsync();
        return test;
    }

    public MqttClientOptionsBuilder ClientOptions(string id, MqttProtocolVersion version = MqttProtocolVersion.V500) =>
        new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", Port).WithClientId(id).WithProtocolVersion(version).WithTimeout(Support.Patience);

    /// <summary>A client that is not connected yet and goes away with the server.</summary>
    public IMqttClient NewClient()
    {
        var client = new MqttClientFactory().CreateMqttClient();
        _clients.Add(client);
        return client;
    }

    public async Task<IMqttClient> ConnectAsync(string id, MqttProtocolVersion version = MqttProtocolVersion.V500, Action<MqttClientOptionsBuilder>? configure = null)
    {
        var client = NewClient();
        var options = ClientOptions(id, version);
        configure?.Invoke(options);
        var result = await client.ConnectAsync(options.Build());
        Assert.Equal(MqttClientConnectResultCode.Success, result.ResultCode);
        return client;
    }

    /// <summary>Shows that the server still serves others.</summary>
    public async Task AssertWorksAsync(IMqttClient client)
    {
        var result = await client.PublishStringAsync("still/alive", "yes", MqttQualityOfServiceLevel.AtLeastOnce).WaitAsync(Support.Patience);
        Assert.True(result.IsSuccess);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        await Server.StopAsync();
        Server.Dispose();
    }
}
