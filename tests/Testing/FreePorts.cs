using System.Net;
using System.Net.Sockets;

namespace Testing;

/// <summary>TCP ports for servers of tests, of which no two runs that go on at the same time have the same one.</summary>
internal static class FreePorts
{
    // Not by TMPDIR, of which each ./test has one of its own.
    private static readonly string Folder = Path.Combine(
        OperatingSystem.IsWindows() ? Path.GetTempPath() : "/tmp",
        $"taproom-ports-{Environment.UserName}"
    );

    // Locked until this process ends: a port is its own also before its server listens, and while that is down between two starts.
    private static readonly List<FileStream> Mine = [];

    /// <summary>A port that nothing listens on and that is given to nobody else while this process runs.</summary>
    public static int Next()
    {
        Directory.CreateDirectory(Folder);
        while (true)
        {
            // Not one from which the system takes those of outgoing connections: they would have it before its server, or between two runs.
            var port = Random.Shared.Next(20_000, 32_000);
            if (IsLocked(port) && IsFree(port))
            {
                return port;
            }
        }
    }

    private static bool IsLocked(int port)
    {
        try
        {
            var file = new FileStream(Path.Combine(Folder, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            lock (Mine)
            {
                Mine.Add(file);
            }

            return true;
        }
        catch (IOException)
        {
            // It is this run's already, or another's.
            return false;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
