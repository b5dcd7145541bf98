using Taproom.Ingest;

namespace Taproom.Store;

/// <summary>What a batch of pours has brought.</summary>
/// <param name="Ids">The pours that are new.</param>
/// <param name="LowKegs">
/// An activity event for each keg that has run low by them, stored with them: appended to the stream, it reaches live readers.
/// </param>
public sealed record StoredBatch(HashSet<Guid> Ids, IReadOnlyList<IngestEntry> LowKegs);
