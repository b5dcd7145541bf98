using System.Diagnostics;
using System.Net.Sockets;

namespace Testing;

/// <summary>A real Redis over TLS only, with a password.</summary>
/// <param name="certificate">Its certificate, PEM.</param>
/// <param name="key">The key of that, PEM.</param>
public sealed class TlsRedisServer(string certificate, string key) : LocalServer
{
    /// <summary>Its password, which no connection string of the client's own form can hold.</summary>
    public const string Password = "p@ss:w/rd,#1%";

    /// <inheritdoc />
    protected override ProcessStartInfo Command()
    {
        var configuration = Path.Combine(DataPath, "redis.conf");
        File.WriteAllText(
            configuration,
            $"""
            bind 127.0.0.1
            port 0
            tls-port {Port}
            tls-cert-file {certificate}
            tls-key-file {key}
            tls-ca-cert-file {certificate}
            tls-auth-clients no
            requirepass {Password}
            dir {DataPath}
            save ""
            """
        );
        return new ProcessStartInfo("redis-server", [configuration]);
    }

    /// <inheritdoc />
    protected override async Task<bool> IsReadyAsync()
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
