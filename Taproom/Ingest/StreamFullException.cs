namespace Taproom.Ingest;

/// <summary>The ingest stream is over its high-water mark: try again when the workers have caught up.</summary>
public sealed class StreamFullException() : Exception("The ingest stream is over its high-water mark.");
