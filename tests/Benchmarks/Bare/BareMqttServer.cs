using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using MQTTnet.AspNetCore;
using MQTTnet.Server;
using StackExchange.Redis;

namespace Benchmarks.Bare;

/// <summary>Where a bare MQTT server listens.</summary>
/// <param name="Port">Port on loopback.</param>
/// <param name="OnKestrel">Whether Kestrel accepts its connections, or MQTTnet's own listener.</param>
/// <param name="Redis">Connection string of a Redis to which each message is appended before it is acknowledged; null for none.</param>
internal sealed record BareMqttOptions(int Port, bool OnKestrel, string? Redis);

/// <summary>
/// MQTTnet's server with nothing behind it, or only Redis: what it acknowledges is the most that a front door made of it can, or made of both.
/// </summary>
internal static class BareMqttServer
{
    private const int Backlog = 1_024;

    public static async Task RunAsync(BareMqttOptions options)
    {
        var redis = options.Redis is null ? null : (await ConnectionMultiplexer.ConnectAsync(options.Redis)).GetDatabase();
        await (options.OnKestrel ? RunOnKestrelAsync(options.Port, TakeAsync) : RunOwnAsync(options.Port, TakeAsync));

        Task TakeAsync(InterceptingPublishEventArgs publish)
        {
            // As in the bridge, what taps publish goes to no other client.
            publish.ProcessPublish = false;
            return redis is null
                ? Task.CompletedTask
                : BareStores.AppendAsync(redis, publish.ApplicationMessage.Topic, publish.ApplicationMessage.Payload.ToArray());
        }
    }

    private static async Task RunOwnAsync(int port, Func<InterceptingPublishEventArgs, Task> takeAsync)
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
        server.InterceptingPublishAsync += takeAsync;
        await server.StartAsync();
        Child.Tell(new BareServerStarted());
        await Child.UnwantedAsync();
    }

    private static async Task RunOnKestrelAsync(int port, Func<InterceptingPublishEventArgs, Task> takeAsync)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHostedMqttServer(server => server.WithoutDefaultEndpoint());
        builder.Services.AddMqttConnectionHandler();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port, endpoint => endpoint.UseMqtt()));
        await using var app = builder.Build();
        app.UseMqttServer(server => server.InterceptingPublishAsync += takeAsync);
        await app.StartAsync();
        Child.Tell(new BareServerStarted());
        await Child.UnwantedAsync();
    }
}
