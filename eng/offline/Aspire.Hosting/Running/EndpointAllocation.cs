using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Gives every endpoint its port before anything starts. There is no proxy: others talk to the process itself.</summary>
internal static class EndpointAllocation
{
    /// <summary>Gives out ports.</summary>
    /// <param name="resources">The resources.</param>
    /// <param name="randomize">True takes free ports in place of declared ones, where the endpoint is proxied.</param>
    /// <exception cref="InvalidOperationException">An endpoint without a proxy has no port.</exception>
    /// <exception cref="DistributedApplicationException">An endpoint without a proxy on several copies.</exception>
    /// <exception cref="NotSupportedException">An endpoint whose port and target port differ, which takes a proxy.</exception>
    public static void Allocate(IEnumerable<IResource> resources, bool randomize)
    {
        var free = new FreePorts(resources.SelectMany(r => r.Annotations.OfType<EndpointAnnotation>()).SelectMany(e => new[] { e.Port, e.TargetPort }));
        foreach (var resource in resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.AllocatedEndpoint is null))
            {
                Allocate(resource, endpoint, resource.GetReplicaCount(), randomize && endpoint.IsProxied, free);
            }
        }
    }

    /// <summary>What stands for the target port of each copy in values all copies share.</summary>
    public static string Placeholder(string resource, string endpoint) => $"{{{{targetPort {resource} {endpoint}}}}}";

    private static void Allocate(IResource resource, EndpointAnnotation endpoint, int replicas, bool randomize, FreePorts free)
    {
        if (resource is ContainerResource)
        {
            endpoint.FailAllocation(new DistributedApplicationException(ApplicationRunner.ContainersNeedTheRealPackages));
            return;
        }
        if (!endpoint.IsProxied && replicas > 1)
        {
            throw new DistributedApplicationException(
                $"Resource '{resource.Name}' uses multiple replicas and a proxy-less endpoint '{endpoint.Name}'. These features do not work together.");
        }
        if (!endpoint.IsProxied && endpoint.Port is null)
        {
            throw new InvalidOperationException($"Service '{resource.Name}' needs to specify a port for endpoint '{endpoint.Name}' since it isn't using a proxy.");
        }
        var port = randomize ? null : endpoint.Port;
        if (port is not null && endpoint.TargetPort is not null && port != endpoint.TargetPort)
        {
            throw StandIn.NotSupported(
                $"a proxy, which endpoint '{endpoint.Name}' of resource '{resource.Name}' needs for its port {port} and target port {endpoint.TargetPort}");
        }
        var (address, mode) = Binding(endpoint.TargetHost);
        if (replicas > 1)
        {
            endpoint.ReplicaPorts = [.. Enumerable.Range(0, replicas).Select(_ => free.Next())];
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(
                endpoint, address, endpoint.ReplicaPorts[0], mode, Placeholder(resource.Name, endpoint.Name));
            return;
        }
        var chosen = port ?? endpoint.TargetPort ?? free.Next();
        endpoint.ReplicaPorts = [chosen];
        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, address, chosen, mode, chosen.ToString(CultureInfo.InvariantCulture));
    }

    private static (string Address, EndpointBindingMode Mode) Binding(string targetHost) => targetHost switch
    {
        "0.0.0.0" => (KnownHostNames.Localhost, EndpointBindingMode.IPv4AnyAddresses),
        "::" or "[::]" => (KnownHostNames.Localhost, EndpointBindingMode.IPv6AnyAddresses),
        "*" or "+" => (KnownHostNames.Localhost, EndpointBindingMode.DualStackAnyAddresses),
        _ => (targetHost, EndpointBindingMode.SingleAddress),
    };
}

/// <summary>Finds ports nobody listens on.</summary>
internal sealed class FreePorts(IEnumerable<int?> reserved)
{
    // Below what Linux gives to outgoing connections (32768 and up), so that none of those takes a port before its owner does.
    private const int First = 20_000;
    private const int End = 32_000;
    private const int Attempts = 1_000;
    private readonly HashSet<int> _taken = [.. reserved.OfType<int>()];

    public int Next()
    {
        for (var i = 0; i < Attempts; i++)
        {
            var port = Random.Shared.Next(First, End);
            if (_taken.Add(port) && IsFree(port))
            {
                return port;
            }
        }
        throw new DistributedApplicationException($"No free port between {First} and {End} was found in {Attempts} attempts.");
    }

    private static bool IsFree(int port) => CanBind(IPAddress.Any, port) && (!Socket.OSSupportsIPv6 || CanBind(IPAddress.IPv6Any, port));

    private static bool CanBind(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.ExclusiveAddressUse = true;
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
