using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using MQTTnet.AspNetCore;
using MQTTnet.Server;

namespace Benchmarks.Bare;

/// <summary>Where a bare MQTT server listens.</summary>
/// <param name="Port">Port on loopback.</param>
/// <param name="OnKestrel">Whether Kestrel accepts its connections, or MQTTnet's own listener.</param>
internal sealed record BareMqttOptions(int Port, bool OnKestrel = false);

/// <summary>MQTTnet's server with nothing behind it: what it acknowledges is the most that a front door made of it can.</summary>
internal static class BareMqttServer
{
    private const int Backlog = 1_024;

    public static Task RunAsync(BareMqttOptions options) => options.OnKestrel ? RunOnKestrelAsync(options.Port) : RunOwnAsync(options.Port);

    private static async Task RunOwnAsync(int port)
    {
        var factory = new MqttServerFactory();
        using var server = factory.CreateMqttServer(
            factory
                .CreateServerOptionsBuilder()
                .WithDefaultEndpoint()
                .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
                .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
                .WithDefaultEndpointPort(port)
                .WithConnectionBacklog(Backlog)
                .Build()
        );
        server.InterceptingPublishAsync += TakeAsync;
        await server.StartAsync();
        Child.Tell(new BareServerStarted());
        await Child.UnwantedAsync();
    }

    private static async Task RunOnKestrelAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHostedMqttServer(server => server.WithoutDefaultEndpoint());
        builder.Services.AddMqttConnectionHandler();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port, endpoint => endpoint.UseMqtt()));
        await using var app = builder.Build();
        app.UseMqttServer(server => server.InterceptingPublishAsync += TakeAsync);
        await app.StartAsync();
        Child.Tell(new BareServerStarted());
        await Child.UnwantedAsync();
    }

    // As in the bridge, what taps publish goes to no other client.
    private static Task TakeAsync(InterceptingPublishEventArgs publish)
    {
        publish.ProcessPublish = false;
        return Task.CompletedTask;
    }
}
