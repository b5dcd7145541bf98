namespace Tap.Simulator.Journal;

/// <summary>The pours of one tap that Postgres is not known to have, in a file that is appended to and rewritten when it has grown.</summary>
/// <remarks>
/// A pour is on disk when <see cref="Append"/> returns, and stays until <see cref="Remove"/>. That a pour was removed may be forgotten
/// in a power cut or on a full disk: then it is sent once more, which does no harm. Not safe for concurrent use.
/// </remarks>
internal sealed class PourJournal : IDisposable
{
    /// <summary>A file of fewer lines is not worth rewriting.</summary>
    private const int CompactFrom = 1_000;

    /// <summary>A file that has as many lines, because it cannot be rewritten, is written to no more.</summary>
    private const int MaxLines = 4 * CompactFrom;

    private readonly JournalFile? _file;
    private readonly OrderedDictionary<Guid, Pour> _pending = [];
    private int _lines;

    private PourJournal(JournalFile? file) => _file = file;

    /// <summary>The pours that are pending, in the order of their pouring.</summary>
    public IEnumerable<Pour> Pending => _pending.Values;

    /// <summary>Number of pours that are pending.</summary>
    public int Count => _pending.Count;

    /// <summary>Whether a pour is pending.</summary>
    public bool Holds(Guid id) => _pending.ContainsKey(id);

    /// <summary>Number of the newest pour; 0 before the first.</summary>
    public long LastSeq { get; private set; }

    /// <summary>The flow meter's odometer at the newest pour; 0 before the first.</summary>
    public long LastOdometer { get; private set; }

    /// <summary>Lines that could not be read when it was opened: what was being written in a power cut.</summary>
    public int Damaged { get; private set; }

    /// <summary>Opens a journal and reads what it holds; a file that is not there is made, with its folder.</summary>
    /// <param name="path">The file, or null for a journal in memory, which ends with the process.</param>
    /// <param name="open">Opens a file for this process alone; null for the usual way.</param>
    /// <exception cref="JournalException">The file cannot be used, perhaps because another process has it.</exception>
    public static PourJournal Open(string? path, Func<string, FileStream>? open = null)
    {
        var journal = new PourJournal(path is null ? null : JournalFile.Open(path, open));
        journal.Reload();
        return journal;
    }

    /// <summary>Forgets all that is not in the file, as a power cut does; a journal in memory forgets nothing.</summary>
    public void Reload()
    {
        if (_file is null)
        {
            return;
        }

        _pending.Clear();
        var lines = _file.Read();
        (LastSeq, LastOdometer, Damaged, _lines) = (0, 0, 0, lines.Count);
        lines.ForEach(Take);
    }

    /// <summary>Adds a pour; it is on disk when this returns.</summary>
    /// <exception cref="JournalException">The disk does not take it, and the journal is as it was.</exception>
    public void Append(Pour pour)
    {
        Write(new JournalLine(Poured: pour), flushToDisk: true);
        Take(new JournalLine(Poured: pour));
    }

    /// <summary>Removes pours; ids that it does not hold are ignored.</summary>
    /// <returns>Those that were removed.</returns>
    public IReadOnlyList<Guid> Remove(IEnumerable<Guid> ids)
    {
        var removed = ids.Where(_pending.Remove).ToList();
        if (removed.Count > 0)
        {
            try
            {
                Write(new JournalLine(Freed: removed), flushToDisk: false);
            }
            catch (JournalException)
            {
                // Then only this process knows that they are done with.
            }
        }

        return removed;
    }

    public void Dispose() => _file?.Dispose();

    private void Take(JournalLine? line)
    {
        LastSeq = Math.Max(LastSeq, line?.Poured?.Seq ?? line?.Seq ?? 0);
        LastOdometer = Math.Max(LastOdometer, line?.Poured?.Odometer ?? line?.Odometer ?? 0);
        if (line?.Poured is { } pour)
        {
            _pending[pour.Id] = pour;
        }
        else if (line?.Freed is { } ids)
        {
            ids.ToList().ForEach(id => _pending.Remove(id));
        }
        else if (line?.Seq is null)
        {
            Damaged++;
        }
    }

    private void Write(JournalLine line, bool flushToDisk)
    {
        if (_file is null)
        {
            return;
        }

        if (_lines >= CompactFrom && _lines > 4 * _pending.Count)
        {
            Compact(_file);
        }

        _file.Write(line, flushToDisk);
        _lines++;
    }

    private void Compact(JournalFile file)
    {
        try
        {
            file.Replace([new JournalLine(Seq: LastSeq, Odometer: LastOdometer), .. _pending.Values.Select(pour => new JournalLine(Poured: pour))]);
            _lines = 1 + _pending.Count;
        }
        catch (JournalException) when (_lines < MaxLines)
        {
            // There is room to go on appending, and to try again at the next line.
        }
    }
}
