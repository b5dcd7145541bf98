using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace Consumer.Worker.Archive;

/// <summary>Lines for one file.</summary>
/// <param name="Hour">The folder of its hour.</param>
/// <param name="Id">What the file is named after.</param>
/// <param name="Bytes">Whole lines, UTF-8.</param>
internal sealed record ArchiveLines(string Hour, string Id, ReadOnlyMemory<byte> Bytes);

/// <summary>The root folder of the archive on the local disk, which workers of one machine may share.</summary>
/// <remarks>One file is open at a time, whatever the number of taps.</remarks>
internal sealed class ArchiveFolder(IOptions<ArchiveOptions> options, TimeProvider time) : IDisposable
{
    // How the systems say that another process has the lock.
    private const int WouldBlock = 11;
    private const int WouldBlockMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(10);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _writtenAt = [];

    /// <summary>The root.</summary>
    public string Root { get; } = Path.GetFullPath(options.Value.Path ?? ".");

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    /// <summary>Adds lines to files; when it returns, they are on the disk.</summary>
    /// <exception cref="IOException">The disk is full or away; then no file has changed.</exception>
    /// <exception cref="UnauthorizedAccessException">The root cannot be written.</exception>
    public Task AppendAsync(IReadOnlyCollection<ArchiveLines> files, CancellationToken cancellationToken) =>
        LockedAsync(
            root =>
            {
                var ends = new List<(string Path, long End)>(files.Count);
                try
                {
                    foreach (var file in files)
                    {
                        var path = Path.Combine(Root, file.Hour, ArchiveNames.File(file.Id, file.Hour) + ArchiveNames.Open);
                        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                        using var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
                        // Half a line is what a crash has left; its entry was not acknowledged and comes again.
                        var end = EndOfLines(handle);
                        ends.Add((path, end));
                        RandomAccess.SetLength(handle, end);
                        RandomAccess.Write(handle, file.Bytes.Span, end);
                        FlushAlone(handle);
                    }

                    Flush(root);
                    foreach (var file in files)
                    {
                        _writtenAt[file.Hour] = time.GetUtcNow();
                    }
                }
                catch
                {
                    // The batch comes again as a whole.
                    ends.ForEach(file => TryCut(file.Path, file.End));
                    throw;
                }
            },
            cancellationToken
        );

    /// <summary>When this worker has added to an hour last; null when it has not since the hour was closed.</summary>
    public DateTimeOffset? WrittenAt(string hour) => _writtenAt.TryGetValue(hour, out var at) ? at : null;

    /// <summary>Renames the files of an hour that is over, so that nobody adds to them any more: what comes later begins a new file.</summary>
    public Task CloseAsync(DirectoryInfo hour, CancellationToken cancellationToken) =>
        LockedAsync(
            _ =>
            {
                _writtenAt.TryRemove(hour.Name, out var _);
                foreach (var file in hour.EnumerateFiles(ArchiveNames.Pattern(hour.Name, ArchiveNames.Open)).ToList())
                {
                    file.MoveTo(Path.ChangeExtension(file.FullName, null) + ArchiveNames.Closed, overwrite: false);
                }
            },
            cancellationToken
        );

    /// <summary>Removes the folder of an hour when nothing is in it.</summary>
    public Task RemoveIfEmptyAsync(DirectoryInfo hour, CancellationToken cancellationToken) =>
        LockedAsync(
            _ =>
            {
                if (!hour.EnumerateFileSystemInfos().Any())
                {
                    hour.Delete();
                }
            },
            cancellationToken
        );

    /// <summary>Lets one worker at a time close hours; null while another does.</summary>
    public IDisposable? TryLockClosing()
    {
        Directory.CreateDirectory(Root);
        return TryLock("closing.lock");
    }

    /// <summary>Makes sure that all written so far is on the disk.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken) => await LockedAsync(Flush, cancellationToken);

    /// <summary>Where the last whole line of a file ends.</summary>
    private static long EndOfLines(SafeFileHandle file)
    {
        Span<byte> block = stackalloc byte[512];
        for (var end = RandomAccess.GetLength(file); end > 0; )
        {
            var start = end % block.Length == 0 ? end - block.Length : end - (end % block.Length);
            var read = block[..(int)(end - start)];
            _ = RandomAccess.Read(file, read, start);
            if (read.LastIndexOf((byte)'\n') is >= 0 and var last)
            {
                return start + last + 1;
            }

            end = start;
        }

        return 0;
    }

    private static void TryCut(string path, long end)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.Read);
            RandomAccess.SetLength(handle, end);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // Lines that stand there twice are one when the hour is closed.
        }
    }

    // Held by the process, so that it is free when that ends in whatever way; between two workers that share the root.
    private async Task LockedAsync(Action<SafeFileHandle> action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            Directory.CreateDirectory(Root);
            SafeFileHandle? held;
            while ((held = TryLock("writing.lock")) is null)
            {
                // Not by a clock of the tests: the other process has its own.
                await Task.Delay(LockPause, cancellationToken);
            }

            using (held)
            {
                action(held);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private SafeFileHandle? TryLock(string name)
    {
        var path = Path.Combine(Root, name);
        try
        {
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException ex) when (ex.HResult is WouldBlock or WouldBlockMac or SharingViolation)
        {
            return null;
        }
    }

    // One call for any number of files and for the folders they are in; a flush of each would take a hundred times as long.
    private static void Flush(SafeFileHandle root)
    {
        if (OperatingSystem.IsLinux() && SyncFileSystem(root) != 0)
        {
            throw new IOException($"The file system could not be flushed: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    private static void FlushAlone(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
        }
    }

    [DllImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static extern int SyncFileSystem(SafeFileHandle file);
}
