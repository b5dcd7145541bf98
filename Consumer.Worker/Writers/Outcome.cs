namespace Consumer.Worker.Writers;

/// <summary>What became of an entry that was to be stored.</summary>
/// <param name="IsNew">Whether it was stored now; false where it was stored before, too.</param>
/// <param name="Refusal">Why it can never be stored, in one sentence; null when it is stored.</param>
/// <param name="IdAsSent">The id as its sender wrote it; null where the entry has no other.</param>
internal readonly record struct Outcome(bool IsNew, string? Refusal = null, string? IdAsSent = null)
{
    /// <summary>It can never be stored.</summary>
    public static Outcome Refused(string reason) => new(IsNew: false, reason);

    /// <summary>The outcomes of items that are all stored.</summary>
    /// <param name="ids">Their ids, in order.</param>
    /// <param name="added">The ids that are new.</param>
    public static IReadOnlyList<Outcome> Of(IEnumerable<Guid> ids, HashSet<Guid> added) =>
        // Removed, not looked up: of two items with one id, the second is the duplicate.
        [.. ids.Select(id => new Outcome(IsNew: added.Remove(id)))];
}
