namespace Taproom.Simulator.Journal;

/// <summary>The pours of one tap that Postgres is not known to have, in a file that is only ever appended to.</summary>
/// <remarks>
/// A pour is on disk when <see cref="Append"/> returns, and stays until <see cref="Free"/>. That a pour was freed may be forgotten
/// in a power cut: then it is sent once more, which does no harm. Not safe for concurrent use.
/// </remarks>
internal sealed class PourJournal : IDisposable
{
    /// <summary>A file of fewer lines is not worth rewriting.</summary>
    private const int CompactFrom = 1_000;

    private readonly string? _path;
    private readonly OrderedDictionary<Guid, PouredGlass> _owed = [];
    private FileStream? _file;
    private int _lines;

    private PourJournal(string? path) => _path = path;

    /// <summary>The pours that are owed, in the order of their pouring.</summary>
    public IEnumerable<PouredGlass> Owed => _owed.Values;

    /// <summary>Number of pours that are owed.</summary>
    public int Count => _owed.Count;

    /// <summary>Number of the newest pour; 0 before the first.</summary>
    public long LastSeq { get; private set; }

    /// <summary>Lines that could not be read when it was opened: what was being written in a power cut.</summary>
    public int Damaged { get; private set; }

    /// <summary>Opens a journal and reads what it holds; a file that is not there is made, with its folder.</summary>
    /// <param name="path">The file, or null for a journal in memory, which ends with the process.</param>
    /// <exception cref="IOException">The file cannot be used, perhaps because another process has it.</exception>
    public static PourJournal Open(string? path)
    {
        var journal = new PourJournal(path);
        if (path is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            journal._file = OpenFile(path);
            journal.Load();
        }

        return journal;
    }

    /// <summary>Adds a pour; it is on disk when this returns.</summary>
    public void Append(PouredGlass pour)
    {
        Write(new JournalLine(Poured: pour));
        _file?.Flush(flushToDisk: true);
        _owed.Add(pour.Id, pour);
        LastSeq = pour.Seq;
    }

    /// <summary>Removes pours; ids that it does not hold are ignored.</summary>
    /// <returns>How many were removed.</returns>
    public int Free(IEnumerable<Guid> ids)
    {
        var freed = ids.Where(_owed.Remove).ToList();
        if (freed.Count > 0)
        {
            Write(new JournalLine(Freed: freed));
            _file?.Flush();
            if (_lines >= CompactFrom && _lines > 4 * _owed.Count)
            {
                Compact();
            }
        }

        return freed.Count;
    }

    /// <inheritdoc />
    public void Dispose() => _file?.Dispose();

    // Nobody else may have it: two taps with one journal would free each other's pours.
    private static FileStream OpenFile(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private void Write(JournalLine line)
    {
        _file?.Write(line.ToUtf8());
        _lines++;
    }

    private void Load()
    {
        var content = new byte[_file!.Length];
        _file.ReadExactly(content);
        var whole = content.AsSpan().LastIndexOf((byte)'\n') + 1;
        var rest = content.AsSpan(0, whole);
        while (rest.Length > 0)
        {
            var end = rest.IndexOf((byte)'\n');
            Take(JournalLine.Parse(rest[..end]));
            rest = rest[(end + 1)..];
        }

        if (whole < content.Length)
        {
            // Its writing was interrupted, so nobody was told that it is kept; the next line must not be glued to it.
            Damaged++;
            _file.SetLength(whole);
        }

        _file.Seek(0, SeekOrigin.End);
    }

    private void Take(JournalLine? line)
    {
        _lines++;
        switch (line)
        {
            case { Poured: { } pour }:
                _owed[pour.Id] = pour;
                LastSeq = Math.Max(LastSeq, pour.Seq);
                break;
            case { Freed: { } ids }:
                foreach (var id in ids)
                {
                    _owed.Remove(id);
                }

                break;
            case { Seq: { } seq }:
                LastSeq = Math.Max(LastSeq, seq);
                break;
            default:
                Damaged++;
                break;
        }
    }

    /// <summary>Writes what is owed to a new file that takes the place of the old one, which is whole until then.</summary>
    private void Compact()
    {
        if (_path is null)
        {
            _lines = _owed.Count;
            return;
        }

        var replacement = _path + ".new";
        File.Delete(replacement);
        var file = OpenFile(replacement);
        file.Write(new JournalLine(Seq: LastSeq).ToUtf8());
        foreach (var pour in _owed.Values)
        {
            file.Write(new JournalLine(Poured: pour).ToUtf8());
        }

        file.Flush(flushToDisk: true);
        File.Move(replacement, _path, overwrite: true);
        _file!.Dispose();
        _file = file;
        _lines = 1 + _owed.Count;
    }
}
