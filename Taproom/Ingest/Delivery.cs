namespace Taproom.Ingest;

/// <summary>An entry as a reader of the stream gets it.</summary>
/// <param name="Partition">The partition that it is in.</param>
/// <param name="Position">Its stream id, <c>milliseconds-sequence</c>, by which it is acknowledged.</param>
/// <param name="Entry">The entry, or null when a field that every entry has is missing or unreadable.</param>
public sealed record Delivery(int Partition, string Position, IngestEntry? Entry);
