namespace Taproom.Ingest;

/// <summary>The place of an entry among those of its sender, so that none overtakes one whose append has failed and is tried again.</summary>
/// <param name="before">The entry before it; null for none.</param>
public sealed class AppendTurn(AppendTurn? before = null)
{
    private AppendTurn? _before = before is { Appended.IsCompletedSuccessfully: false } ? before : null;

    /// <summary>Ends when the entry before is appended; cancelled when that was given up.</summary>
    public Task Before { get; } = before?.Appended ?? Task.CompletedTask;

    /// <summary>Ends when this entry is appended, however many attempts that takes; set by who makes them.</summary>
    public Task Appended { get; set; } = Task.CompletedTask;

    /// <summary>The answer to the newest attempt; null before it was made.</summary>
    internal Task? Answer { get; set; }

    /// <summary>Whether the entry before has failed, so that this attempt has to fail too. One that may go on does not look again.</summary>
    internal bool WouldOvertake()
    {
        if (_before?.Answer is { IsCompleted: true, IsCompletedSuccessfully: false })
        {
            return true;
        }

        _before = null;
        return false;
    }
}
