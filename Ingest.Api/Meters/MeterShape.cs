using System.Text.Json.Serialization;
using Taproom.Store;

namespace Ingest.Api.Meters;

/// <summary>A meter as the API shows it; the names with underscores are those that its clients know.</summary>
internal sealed record MeterShape(
    string Id,
    string Kind,
    string Address,
    string User,
    bool Active,
    [property: JsonPropertyName("total_events_logged")] long TotalEventsLogged,
    [property: JsonPropertyName("first_timestamp")] DateTimeOffset? FirstTimestamp,
    [property: JsonPropertyName("last_timestamp")] DateTimeOffset? LastTimestamp,
    string? LastError
)
{
    public static MeterShape Of(Meter meter) =>
        new(
            meter.Id,
            meter.Kind,
            meter.Address,
            meter.User,
            meter.Active,
            meter.TotalEventsLogged,
            meter.FirstTimestamp,
            meter.LastTimestamp,
            meter.LastError
        );
}

internal sealed record MeterList(IReadOnlyList<MeterShape> Meters);
