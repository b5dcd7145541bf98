using System.Diagnostics;
using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>Where the entries of a consumer group end: in Postgres, or in the archive.</summary>
internal interface IBatchWriter
{
    /// <summary>Writes a batch, and acknowledges it then.</summary>
    /// <param name="group">The group that has read it.</param>
    /// <param name="batch">Entries as read; not empty.</param>
    /// <param name="received">The span of the read, which the entries' spans are linked to.</param>
    /// <param name="cancellationToken">Ends the turn; nothing is acknowledged then.</param>
    Task WriteAsync(ConsumerGroup group, Batch batch, Activity? received, CancellationToken cancellationToken);
}
