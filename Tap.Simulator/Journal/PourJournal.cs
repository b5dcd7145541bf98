namespace Tap.Simulator.Journal;

/// <summary>The pours of one tap that Postgres is not known to have, in a file that is only ever appended to.</summary>
/// <remarks>
/// A pour is on disk when <see cref="Append"/> returns, and stays until <see cref="Remove"/>. That a pour was freed may be forgotten
/// in a power cut or on a full disk: then it is sent once more, which does no harm. Not safe for concurrent use.
/// </remarks>
internal sealed class PourJournal : IDisposable
{
    /// <summary>A file of fewer lines is not worth rewriting.</summary>
    private const int CompactFrom = 1_000;

    private readonly JournalFile? _file;
    private readonly OrderedDictionary<Guid, Pour> _pending = [];
    private int _lines;

    private PourJournal(JournalFile? file) => _file = file;

    /// <summary>The pours that are pending, in the order of their pouring.</summary>
    public IEnumerable<Pour> Pending => _pending.Values;

    /// <summary>Number of pours that are pending.</summary>
    public int Count => _pending.Count;

    /// <summary>Number of the newest pour; 0 before the first.</summary>
    public long LastSeq { get; private set; }

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
        (LastSeq, Damaged, _lines) = (0, 0, lines.Count);
        lines.ForEach(Take);
    }

    /// <summary>Adds a pour; it is on disk when this returns.</summary>
    /// <exception cref="JournalException">The disk does not take it, and the journal is as it was.</exception>
    public void Append(Pour pour)
    {
        _file?.Write(new JournalLine(Poured: pour), flushToDisk: true);
        _lines++;
        _pending.Add(pour.Id, pour);
        LastSeq = pour.Seq;
    }

    /// <summary>Removes pours; ids that it does not hold are ignored.</summary>
    /// <returns>How many were removed.</returns>
    public int Remove(IEnumerable<Guid> ids)
    {
        var freed = ids.Where(_pending.Remove).ToList();
        if (freed.Count > 0)
        {
            try
            {
                _file?.Write(new JournalLine(Freed: freed), flushToDisk: false);
                _lines++;
                CompactOrNot();
            }
            catch (JournalException)
            {
                // Then only this process knows that they are done with.
            }
        }

        return freed.Count;
    }

    /// <inheritdoc />
    public void Dispose() => _file?.Dispose();

    private void Take(JournalLine? line)
    {
        switch (line)
        {
            case { Poured: { } pour }:
                _pending[pour.Id] = pour;
                LastSeq = Math.Max(LastSeq, pour.Seq);
                break;
            case { Freed: { } ids }:
                foreach (var id in ids)
                {
                    _pending.Remove(id);
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

    private void CompactOrNot()
    {
        if (_file is not null && _lines >= CompactFrom && _lines > 4 * _pending.Count)
        {
            _file.Replace([new JournalLine(Seq: LastSeq), .. _pending.Values.Select(pour => new JournalLine(Poured: pour))]);
            _lines = 1 + _pending.Count;
        }
    }
}
