using System.Net;
using System.Net.Sockets;

namespace Ingest.Api.Webhooks;

/// <summary>A host has no address that the internet routes.</summary>
internal sealed class PrivateAddressException() : IOException("The host has no public address.");

/// <summary>Tells addresses that the internet routes from all others.</summary>
/// <remarks>Source: IANA's registries of special-purpose addresses, of IPv4 and of IPv6.</remarks>
internal static class PublicAddress
{
    private static readonly IPNetwork GlobalV6 = IPNetwork.Parse("2000::/3");

    // Addresses of IPv4 behind a gateway that translates (RFC 6052).
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");

    private static readonly IPNetwork[] Special =
    [
        .. (
            (string[])
                [
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    // Multicast, reserved, broadcast.
                    "224.0.0.0/3",
                    // Among them Teredo; documentation; 6to4, which carries any address of IPv4.
                    "2001::/23",
                    "2001:db8::/32",
                    "2002::/16",
                    "3fff::/20",
                ]
        ).Select(IPNetwork.Parse),
    ];

    /// <summary>Whether the internet routes it.</summary>
    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }
        else if (Translated.Contains(address))
        {
            address = new IPAddress(address.GetAddressBytes().AsSpan(12));
        }

        return (address.AddressFamily == AddressFamily.InterNetwork || GlobalV6.Contains(address))
            && !Special.Any(network => network.Contains(address));
    }

    /// <summary>Whether a URL names an address that the internet does not route: as such, or as <c>localhost</c>. Of other names only a look-up can tell.</summary>
    public static bool IsNamedPrivate(Uri url) => url.IsLoopback || (IPAddress.TryParse(url.IdnHost, out var address) && !Is(address));

    /// <summary>Connects to a public address of a host: what is looked up is what is connected to, so that a second look-up cannot tell otherwise.</summary>
    /// <exception cref="PrivateAddressException">It has none.</exception>
    public static ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        ConnectAsync(context.DnsEndPoint, Is, cancellationToken);

    /// <inheritdoc cref="ConnectAsync(SocketsHttpConnectionContext, CancellationToken)" />
    /// <param name="host">The host and its port.</param>
    /// <param name="isAllowed">Which addresses may be connected to.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async ValueTask<Stream> ConnectAsync(DnsEndPoint host, Func<IPAddress, bool> isAllowed, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = [.. (await Dns.GetHostAddressesAsync(host.Host, cancellationToken)).Where(isAllowed)];
        if (addresses.Length == 0)
        {
            throw new PrivateAddressException();
        }

        // It tries one after the other, and takes both families.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, host.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
