using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AppHost;

/// <summary>A Redis that runs as a program of this machine.</summary>
internal sealed class LocalRedis(string name, string command, string workingDirectory)
    : ExecutableResource(name, command, workingDirectory),
        IResourceWithConnectionString
{
    /// <inheritdoc />
    public ReferenceExpression ConnectionStringExpression
    {
        get
        {
            var endpoint = this.GetEndpoint(LocalServers.Endpoint);
            return ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.Host)}:{endpoint.Property(EndpointProperty.Port)}");
        }
    }
}

/// <summary>Servers that run as programs of this machine, started by the scripts of <c>eng/local</c>.</summary>
internal static class LocalServers
{
    /// <summary>Name of the endpoint that each of them listens on.</summary>
    public const string Endpoint = "tcp";

    /// <summary>The servers, by the names of their scripts.</summary>
    public static IReadOnlyList<string> Names { get; } = ["redis", "postgres"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The script that starts a server (<c>NAME PORT DATA_FOLDER</c>), or tells what it misses (<c>NAME --check</c>).</summary>
    public static string Script(IDistributedApplicationBuilder builder, string name) =>
        Path.GetFullPath($"../eng/local/{name}", builder.AppHostDirectory);

    /// <summary>Lets a server listen on a free port and keep its data below <paramref name="dataPath"/>.</summary>
    public static IResourceBuilder<T> AsLocalServer<T>(this IResourceBuilder<T> server, string dataPath)
        where T : ExecutableResource
    {
        var port = FreePort();
        return server
            // Not behind Aspire's proxy: all that is written and read goes over this port.
            .WithEndpoint(port: port, targetPort: port, name: Endpoint, scheme: "tcp", isProxied: false)
            .WithArgs(port.ToString(), Path.Combine(dataPath, server.Resource.Name));
    }

    /// <summary>Counts a server as healthy when <paramref name="answers"/> does not throw.</summary>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> server, Func<CancellationToken, Task> answers)
        where T : IResource
    {
        var name = $"{server.Resource.Name}_answers";
        server
            .ApplicationBuilder.Services.AddHealthChecks()
            .AddAsyncCheck(
                name,
                async cancellationToken =>
                {
                    await answers(cancellationToken);
                    return HealthCheckResult.Healthy();
                },
                timeout: Patience
            );
        return server.WithHealthCheck(name);
    }

    /// <summary>A TCP port of loopback that nothing listens on now.</summary>
    public static int FreePort()
    {
        while (true)
        {
            // Not one from which the system takes those of outgoing connections: they could have it before the server has started.
            var port = Random.Shared.Next(20_000, 32_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
