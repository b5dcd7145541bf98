namespace Taproom.Ingest;

/// <summary>An entry as a reader of the stream gets it.</summary>
/// <param name="Position">Its stream id, <c>milliseconds-sequence</c>, by which it is acknowledged.</param>
/// <param name="Entry">The entry, or null when a field that every entry has is missing or unreadable.</param>
public sealed record Delivery(string Position, IngestEntry? Entry);
