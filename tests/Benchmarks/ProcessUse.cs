using System.Globalization;

namespace Benchmarks;

/// <summary>What a process has used, as the kernel counts it.</summary>
/// <param name="CpuSeconds">Seconds of one core.</param>
/// <param name="MemoryBytes">Memory that it holds now (resident set).</param>
/// <param name="WakeUps">How often each of its threads had waited for something and went on (voluntary context switches), by thread id.</param>
internal sealed record ProcessUse(double CpuSeconds, long MemoryBytes, IReadOnlyDictionary<string, long> WakeUps)
{
    // USER_HZ, which is 100 on every Linux that .NET runs on (man 7 time).
    private const double TicksPerSecond = 100;

    /// <summary>Looks at a process.</summary>
    public static ProcessUse Of(int id)
    {
        var folder = $"/proc/{id.ToString(CultureInfo.InvariantCulture)}";
        // "id (name) state ...", where the name may hold anything; user and system time are the 14th and 15th field (man 5 proc).
        var stat = File.ReadAllText($"{folder}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = Number(fields[11]) + Number(fields[12]);
        var wakeUps = Directory
            .EnumerateDirectories($"{folder}/task")
            .ToDictionary(task => Path.GetFileName(task), task => Field($"{task}/status", "voluntary_ctxt_switches"));
        return new ProcessUse(ticks / TicksPerSecond, Field($"{folder}/status", "VmRSS") * 1_024, wakeUps);
    }

    /// <summary>The wake-ups since then, of the threads that there are now.</summary>
    public long WakeUpsSince(ProcessUse before) => WakeUps.Sum(thread => Math.Max(0, thread.Value - before.WakeUps.GetValueOrDefault(thread.Key)));

    private static long Field(string file, string name)
    {
        try
        {
            return Number(File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(':', 2)[1].Trim().Split(' ')[0]);
        }
        catch (IOException)
        {
            // The thread has ended meanwhile.
            return 0;
        }
    }

    private static long Number(string digits) => long.Parse(digits, CultureInfo.InvariantCulture);
}
