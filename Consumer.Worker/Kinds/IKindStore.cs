using Taproom.Ingest;

namespace Consumer.Worker.Kinds;

/// <summary>Reads and stores the entries of one kind.</summary>
internal interface IKindStore
{
    /// <summary>One of <see cref="EntryKinds"/>.</summary>
    string Kind { get; }

    /// <summary>Reads an entry.</summary>
    /// <returns>What <see cref="StoreAsync"/> takes, or why the entry can never be stored.</returns>
    (object? Item, string? Reason) Read(IngestEntry entry);

    /// <summary>Stores what is new, all of it or nothing.</summary>
    /// <param name="items">What <see cref="Read"/> gave; not empty.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>The ids that are new.</returns>
    Task<HashSet<Guid>> StoreAsync(IReadOnlyList<object> items, CancellationToken cancellationToken);
}
