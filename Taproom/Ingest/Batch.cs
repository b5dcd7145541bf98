using System.Diagnostics;

namespace Taproom.Ingest;

/// <summary>Entries of one stream that were read together.</summary>
/// <param name="After">The stream id after which they begin.</param>
/// <param name="Entries">Them, in order.</param>
/// <param name="ReadAt">When the read began.</param>
public sealed record Batch(string After, IReadOnlyList<Delivery> Entries, DateTimeOffset ReadAt)
{
    /// <summary>The stream id up to which they go.</summary>
    public string UpTo => Entries.Count > 0 ? Entries[^1].Position : After;
}

/// <summary>An entry that can never be stored.</summary>
/// <param name="Delivery">It, readable or not.</param>
/// <param name="Reason">Why, in one sentence.</param>
/// <param name="Failed">The span that failed; null where there is none.</param>
public sealed record Refused(Delivery Delivery, string Reason, Activity? Failed = null)
{
    /// <summary>What of it could be read.</summary>
    public IngestEntry? Entry => Delivery.Entry;
}
