using System.Diagnostics;
using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>Where the entries of a consumer group end: in Postgres, or in the archive.</summary>
internal interface IBatchWriter
{
    /// <summary>Writes a batch, and acknowledges what is safe then.</summary>
    /// <param name="group">The group that they were delivered to.</param>
    /// <param name="batch">Entries as delivered.</param>
    /// <param name="received">The span of the read, which the entries' spans are linked to.</param>
    /// <param name="cancellationToken">Ends the turn; nothing is acknowledged then.</param>
    /// <returns>False when Redis has no room for a dead letter, which then stays pending; all else is done.</returns>
    Task<bool> WriteAsync(ConsumerGroup group, IReadOnlyList<Delivery> batch, Activity? received, CancellationToken cancellationToken);
}
