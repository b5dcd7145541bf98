using System.Diagnostics;

namespace Distributed.Tests.Faults;

/// <summary>A disk of two megabytes for tables of Postgres.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string path) => Path = path;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Mounts one; null where that is not permitted, which takes the rights of root.</summary>
    public static async Task<SmallDisk?> TryMountAsync()
    {
        var path = Directory.CreateTempSubdirectory("taproom-disk-").FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path) == 0 && await RunAsync("chown", "postgres:postgres", path) == 0)
        {
            return new SmallDisk(path);
        }

        Directory.Delete(path);
        return null;
    }

    /// <summary>Leaves no byte free.</summary>
    public void Fill()
    {
        using var file = File.Create(System.IO.Path.Combine(Path, "filler"), bufferSize: 1);
        try
        {
            while (true)
            {
                file.Write(new byte[4_096]);
            }
        }
        catch (IOException)
        {
            // That is all.
        }
    }

    /// <summary>Makes room.</summary>
    public void Free() => File.Delete(System.IO.Path.Combine(Path, "filler"));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "--lazy", Path);
        Directory.Delete(Path);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
