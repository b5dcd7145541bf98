using System.Diagnostics;
using System.Net.Sockets;

namespace Testing;

/// <summary>A real mosquitto that keeps its sessions in a file.</summary>
/// <param name="access">Lines of its configuration that say who gets in and how; everybody by default.</param>
public sealed class MosquittoBroker(string access = "allow_anonymous true") : LocalServer
{
    /// <inheritdoc />
    protected override ProcessStartInfo Command()
    {
        var configuration = Path.Combine(DataPath, "mosquitto.conf");
        // As root it would go over to a user who may not write here.
        File.WriteAllText(
            configuration,
            $"""
            listener {Port} 127.0.0.1
            {access}
            persistence true
            persistence_location {DataPath}/
            user root

            """
        );
        return new ProcessStartInfo(File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto", ["-c", configuration]);
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
