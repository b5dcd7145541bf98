namespace Tap.Simulator.Journal;

/// <summary>The lines of a journal on disk, for one process alone; a line is there whole, or not at all.</summary>
internal sealed class JournalFile : IDisposable
{
    private readonly string _path;
    private readonly Func<string, FileStream> _open;
    private FileStream _file;

    private JournalFile(string path, Func<string, FileStream> open) => (_path, _open, _file) = (path, open, open(path));

    /// <summary>Opens a file; one that is not there is made, with its folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="open">Opens a file for this process alone; null for the usual way.</param>
    /// <exception cref="JournalException">It cannot be used, perhaps because another process has it.</exception>
    public static JournalFile Open(string path, Func<string, FileStream>? open)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new JournalFile(path, open ?? OpenFile);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new JournalException(path, ex);
        }
    }

    /// <summary>Reads all lines, a damaged one as null, and cuts off a last one whose writing was interrupted.</summary>
    public List<JournalLine?> Read()
    {
        var content = new byte[_file.Length];
        _file.Seek(0, SeekOrigin.Begin);
        _file.ReadExactly(content);
        var lines = new List<JournalLine?>();
        var start = 0;
        for (var end = 0; end < content.Length; end++)
        {
            if (content[end] == '\n')
            {
                lines.Add(JournalLine.Parse(content.AsSpan(start..end)));
                start = end + 1;
            }
        }

        if (start < content.Length)
        {
            // Nobody was told that it is kept; the next line must not be glued to it.
            lines.Add(null);
            _file.SetLength(start);
        }

        _file.Seek(start, SeekOrigin.Begin);
        return lines;
    }

    /// <summary>Appends a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="flushToDisk">Whether it is to survive a power cut once this returns.</param>
    /// <exception cref="JournalException">The disk does not take it, and the file is as it was.</exception>
    public void Write(JournalLine line, bool flushToDisk)
    {
        var end = _file.Position;
        try
        {
            _file.Write(line.ToUtf8());
            _file.Flush(flushToDisk);
        }
        catch (IOException ex)
        {
            // Half a line would spoil the next one.
            _file.SetLength(end);
            _file.Seek(end, SeekOrigin.Begin);
            throw new JournalException(_path, ex);
        }
    }

    /// <summary>Writes other lines to a new file that takes the place of the old one, which is whole until then.</summary>
    /// <exception cref="JournalException">The disk does not take them, and the file is as it was.</exception>
    public void Replace(IEnumerable<JournalLine> lines)
    {
        var path = _path + ".new";
        FileStream? file = null;
        try
        {
            // What an interrupted rewriting has left is worth nothing: the old file is whole.
            File.Delete(path);
            file = _open(path);
            foreach (var line in lines)
            {
                file.Write(line.ToUtf8());
            }

            file.Flush(flushToDisk: true);
            File.Move(path, _path, overwrite: true);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            if (file is not null)
            {
                file.Dispose();
                File.Delete(path);
            }

            throw new JournalException(_path, ex);
        }

        _file.Dispose();
        _file = file;
    }

    public void Dispose() => _file.Dispose();

    // Nobody else may have it: two taps with one journal would free each other's pours. Without a buffer, a write that fails is over.
    private static FileStream OpenFile(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
}
