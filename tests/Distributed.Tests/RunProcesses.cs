using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace Distributed.Tests;

/// <summary>The processes of a run, as the kernel tells them.</summary>
internal static class RunProcesses
{
    /// <summary>Ids of all that an AppHost in this process has started, with what those have started.</summary>
    public static IReadOnlyList<int> Ids()
    {
        var all = Directory
            .EnumerateDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => int.TryParse(name, out _))
            .Select(int.Parse!)
            .ToList();
        var parents = all.ToDictionary(id => id, ParentOf);
        // Aspire's orchestrator is nobody's child, and is told whom to watch.
        var found = all.Where(id =>
                CommandLine(id) is { } line && line.Contains("start-apiserver") && line.Contains($"--monitor {Environment.ProcessId} ")
            )
            .ToHashSet();
        for (var known = 0; known < found.Count; )
        {
            known = found.Count;
            found.UnionWith(all.Where(id => found.Contains(parents[id])));
        }

        return [.. found];
    }

    /// <summary>The command line of a process, which everybody on the machine can read; null when it has ended.</summary>
    public static string? CommandLine(int id) => Read(id, "cmdline")?.Replace('\0', ' ');

    /// <summary>Where processes listen for TCP connections.</summary>
    public static IReadOnlyList<IPEndPoint> Listeners(IEnumerable<int> processes)
    {
        var sockets = processes.SelectMany(Sockets).ToHashSet();
        return
        [
            .. new[] { "/proc/net/tcp", "/proc/net/tcp6" }
                .SelectMany(table => File.ReadLines(table).Skip(1))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                // State 0A is LISTEN; the tenth column is the socket.
                .Where(columns => columns[3] == "0A" && sockets.Contains($"socket:[{columns[9]}]"))
                .Select(columns => Parse(columns[1])),
        ];
    }

    private static IEnumerable<string> Sockets(int id)
    {
        try
        {
            return [.. new DirectoryInfo($"/proc/{id}/fd").EnumerateFileSystemInfos().Select(file => file.LinkTarget ?? "")];
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return [];
        }
    }

    // An address is written as words of 32 bits in the machine's order.
    private static IPEndPoint Parse(string text)
    {
        var (address, port) = (text.Split(':')[0], text.Split(':')[1]);
        var words = address.Chunk(8).Select(word => uint.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();
        return new IPEndPoint(
            new IPAddress(MemoryMarshal.AsBytes<uint>(words)),
            int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        );
    }

    // "id (name) state parent ...", where the name may hold anything.
    private static int ParentOf(int id) =>
        Read(id, "stat") is { } status ? int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) : 0;

    private static string? Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (IOException)
        {
            return null;
        }
    }
}
