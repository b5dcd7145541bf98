using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Events;

/// <summary>An event as the API shows it.</summary>
internal sealed record EventShape(
    Guid Id,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
    string Component,
    RawJson Data,
    string? Email,
    string Environment,
    string Message
)
{
    public static EventShape Of(StoredEvent e) => new(e.Id, e.CreatedAt, e.Component, new RawJson(e.Data), e.Email, e.Environment, e.Message);

    public static EventShape Of(IngestEntry entry, ActivityEvent e) =>
        new(entry.Id, entry.ReceivedAt, e.Component, new RawJson(e.Data), e.Email, e.Environment, e.Message);
}
