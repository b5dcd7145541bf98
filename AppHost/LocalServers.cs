using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AppHost;

/// <summary>A Redis that runs as a program of this machine, where no container runtime answers.</summary>
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

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The script that starts a server: <c>NAME PORT DATA_FOLDER</c>.</summary>
    public static string Script(this IDistributedApplicationBuilder builder, string name) =>
        Path.GetFullPath($"../eng/local/{name}", builder.AppHostDirectory);

    /// <summary>Lets a server listen on a free port, keep its data below <paramref name="dataPath"/>, and count as ready when it answers.</summary>
    /// <param name="server">The server.</param>
    /// <param name="dataPath">The folder that its own folder is in.</param>
    /// <param name="greeting">What it answers without a password, in its protocol.</param>
    public static IResourceBuilder<T> AsLocalServer<T>(this IResourceBuilder<T> server, string dataPath, byte[] greeting)
        where T : ExecutableResource
    {
        var name = server.Resource.Name;
        var endpoint = server.Resource.GetEndpoint(Endpoint);
        server
            .ApplicationBuilder.Services.AddHealthChecks()
            .AddAsyncCheck($"{name}_answers", cancellationToken => AnswersAsync(endpoint, greeting, cancellationToken), timeout: Patience);
        return server
            .WithEndpoint(name: Endpoint, scheme: "tcp")
            .WithArgs(context =>
            {
                context.Args.Add(endpoint.Property(EndpointProperty.TargetPort));
                context.Args.Add(Path.Combine(dataPath, name));
            })
            .WithHealthCheck($"{name}_answers");
    }

    // A connection alone proves nothing: Aspire's proxy takes it also while nobody listens behind.
    private static async Task<HealthCheckResult> AnswersAsync(EndpointReference endpoint, byte[] greeting, CancellationToken cancellationToken)
    {
        if (!endpoint.IsAllocated)
        {
            return HealthCheckResult.Unhealthy("It has no port yet.");
        }

        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync(greeting, cancellationToken);
            return await stream.ReadAsync(new byte[1], cancellationToken) > 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("It hung up.");
        }
        catch (Exception ex) when (ex is SocketException or IOException)
        {
            return HealthCheckResult.Unhealthy(ex.Message);
        }
    }
}
