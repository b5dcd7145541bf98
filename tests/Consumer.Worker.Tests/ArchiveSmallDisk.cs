using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Consumer.Worker.Tests;

/// <summary>
/// A folder with little room, until there is more: a file system in memory where this user may mount one, else a limit of what this
/// process may write into a file.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private const int Bytes = 64 * 1024;
    private const int FileTooLarge = 25;

    // By default the signal ends the process; ignored, a write beyond the limit fails as one to a full disk does.
    private readonly PosixSignalRegistration _ignored = PosixSignalRegistration.Create((PosixSignal)FileTooLarge, context => context.Cancel = true);
    private readonly string _path;
    private readonly bool _isMounted;

    public SmallDisk(string path, bool mayMount)
    {
        _path = Directory.CreateDirectory(path).FullName;
        _isMounted = mayMount && Run("mount", "-t", "tmpfs", "-o", $"size={Bytes}", "tmpfs", path);
        if (!_isMounted)
        {
            Limit($"{Bytes}");
        }
    }

    public void MakeRoom()
    {
        if (_isMounted)
        {
            Assert.True(Run("mount", "-o", "remount,size=64m", _path));
        }
        else
        {
            Limit("unlimited");
        }
    }

    public void Dispose()
    {
        if (_isMounted)
        {
            Assert.True(Run("umount", "--lazy", _path));
        }
        else
        {
            Limit("unlimited");
        }

        _ignored.Dispose();
    }

    private static void Limit(string bytes) => Assert.True(Run("prlimit", "--pid", $"{Environment.ProcessId}", $"--fsize={bytes}:"));

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
