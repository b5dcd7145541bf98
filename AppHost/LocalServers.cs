using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Taproom.AppHost;

/// <summary>A Redis that runs as a program of this machine, where no container runtime answers.</summary>
internal sealed class LocalRedis(string name, string command, string workingDirectory)
    : ExecutableResource(name, command, workingDirectory), IResourceWithConnectionString
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

    /// <summary>The script that starts a server: <c>NAME PORT DATA_FOLDER</c>.</summary>
    public static string Script(this IDistributedApplicationBuilder builder, string name) =>
        Path.GetFullPath($"../eng/local/{name}", builder.AppHostDirectory);

    /// <summary>Lets a server listen on a free port, keep its data below <paramref name="dataPath"/>, and count as ready when it accepts connections.</summary>
    public static IResourceBuilder<T> AsLocalServer<T>(this IResourceBuilder<T> server, string dataPath)
        where T : ExecutableResource
    {
        var name = server.Resource.Name;
        var endpoint = server.Resource.GetEndpoint(Endpoint);
        server.ApplicationBuilder.Services.AddHealthChecks()
            .AddAsyncCheck($"{name}_accepts", cancellationToken => AcceptsAsync(endpoint, cancellationToken));
        return server
            .WithEndpoint(name: Endpoint, scheme: "tcp")
            .WithArgs(context =>
            {
                context.Args.Add(endpoint.Property(EndpointProperty.TargetPort));
                context.Args.Add(Path.Combine(dataPath, name));
            })
            .WithHealthCheck($"{name}_accepts");
    }

    private static async Task<HealthCheckResult> AcceptsAsync(EndpointReference endpoint, CancellationToken cancellationToken)
    {
        if (!endpoint.IsAllocated)
        {
            return HealthCheckResult.Unhealthy("It has no port yet.");
        }

        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (SocketException ex)
        {
            return HealthCheckResult.Unhealthy(ex.Message);
        }
    }
}
