using System.Diagnostics;
using Taproom.Ingest;

namespace Ingest.Api.Http;

/// <summary>Makes entries of what has come in.</summary>
internal static class NewEntries
{
    /// <summary>An entry that is received now, with a new id.</summary>
    public static IngestEntry NewEntry(this TimeProvider time, string kind, ReadOnlyMemory<byte> body)
    {
        var receivedAt = time.ReceiptTime();
        return Of(kind, Guid.CreateVersion7(receivedAt), tap: "", receivedAt, body);
    }

    /// <summary>An entry.</summary>
    public static IngestEntry Of(string kind, Guid id, string tap, DateTimeOffset receivedAt, ReadOnlyMemory<byte> body) =>
        new()
        {
            Id = id,
            Kind = kind,
            Tap = tap,
            ReceivedAt = receivedAt,
            Body = body.ToArray(),
            // Replaced by what appends it, where that is traced: where it is not, nobody behind it begins a trace of his own.
            TraceParent = Activity.Current?.Id,
        };

    /// <summary>Now, in the whole milliseconds that an entry keeps, so that an answer and a later read agree.</summary>
    public static DateTimeOffset ReceiptTime(this TimeProvider time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
}
