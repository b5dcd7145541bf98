using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Aspire.Hosting.Running;

/// <summary>The processes a resource is made of, found in /proc: its session, their descendants, and whatever carries its mark.</summary>
internal sealed partial class ProcessTree(int session, string mark)
{
    /// <summary>Environment variable that marks all processes of a resource, also those that made a session of their own.</summary>
    public const string MarkVariable = "ASPIRE_STANDIN_TREE";

    public const int SigTerm = 15;
    public const int SigKill = 9;
    private readonly byte[] _markEntry = Encoding.UTF8.GetBytes($"{MarkVariable}={mark}\0");
    private readonly Dictionary<int, string> _known = [];

    public int Session => session;

    public string Mark => mark;

    /// <summary>The processes that live now, zombies left out.</summary>
    public IReadOnlyList<int> Members() => [.. Alive().Select(p => p.Pid)];

    /// <summary>Signals the group of the first process, as a terminal would.</summary>
    public void SignalGroup(int signal) => _ = Kill(-session, signal);

    /// <summary>Signals each process that lives now in another group. A second polite signal would end a .NET process at once.</summary>
    public void SignalOthers(int signal)
    {
        foreach (var process in Alive().Where(p => p.Group != session))
        {
            _ = Kill(process.Pid, signal);
        }
    }

    /// <summary>Signals each process that lives now.</summary>
    public void SignalAll(int signal)
    {
        foreach (var pid in Members())
        {
            _ = Kill(pid, signal);
        }
    }

    private List<Entry> Alive()
    {
        var all = ReadAll();
        var found = new HashSet<int>();
        foreach (var p in all)
        {
            // A process seen before stays ours when its parent ended; the start time tells it from a later one of that id.
            if (p.Session == session || p.Pid == session || (_known.TryGetValue(p.Pid, out var started) && started == p.Started) || IsMarked(p.Pid))
            {
                found.Add(p.Pid);
            }
        }
        int before;
        do
        {
            before = found.Count;
            found.UnionWith(all.Where(p => found.Contains(p.Parent)).Select(p => p.Pid));
        }
        while (found.Count > before);
        var alive = all.Where(p => found.Contains(p.Pid) && p.State is not ('Z' or 'X')).ToList();
        foreach (var p in alive)
        {
            _known[p.Pid] = p.Started;
        }
        return alive;
    }

    private static List<Entry> ReadAll()
    {
        var entries = new List<Entry>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && TryRead(Path.Combine(folder, "stat")) is { } bytes)
            {
                // pid (name) state ppid pgrp session ...; the name may hold anything, also parentheses.
                var text = Encoding.UTF8.GetString(bytes);
                var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                entries.Add(new Entry(
                    pid, fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture),
                    int.Parse(fields[2], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture), fields[19]));
            }
        }
        return entries;
    }

    private static byte[]? TryRead(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // The process ended meanwhile, or is another user's.
            return null;
        }
    }

    private static bool Contains(byte[]? environment, byte[] entry) => environment is not null && environment.AsSpan().IndexOf(entry) >= 0;

    private bool IsMarked(int pid) => Contains(TryRead($"/proc/{pid}/environ"), _markEntry);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    private readonly record struct Entry(int Pid, char State, int Parent, int Group, int Session, string Started);
}
