using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dashboard.Web.Components.Meters;

/// <summary>A meter as Ingest.Api shows it.</summary>
internal sealed record MeterView(
    string Id,
    string Kind,
    string Address,
    string User,
    bool Active,
    [property: JsonPropertyName("total_events_logged")] long Readings,
    [property: JsonPropertyName("last_timestamp")] DateTimeOffset? LastAt,
    string? LastError
);

/// <summary>A page of them.</summary>
internal sealed record MeterList(IReadOnlyList<MeterView> Meters);

/// <summary>What a meter said.</summary>
public sealed record MeterReading(Guid Id, DateTimeOffset ReceivedAt, JsonElement Reading)
{
    /// <summary>Names of the members that hold a number.</summary>
    public IEnumerable<string> NumberNames =>
        Reading.ValueKind is JsonValueKind.Object
            ? Reading.EnumerateObject().Where(member => member.Value.ValueKind is JsonValueKind.Number).Select(member => member.Name)
            : [];

    /// <summary>The number of a member; null where it has none.</summary>
    public double? Number(string name) =>
        Reading.ValueKind is JsonValueKind.Object && Reading.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number
            ? value.GetDouble()
            : null;
}

/// <summary>A page of them, newest first.</summary>
internal sealed record MeterReadingList(IReadOnlyList<MeterReading> Readings);

/// <summary>A meter that is to be added; what is typed stays when it is refused.</summary>
internal sealed class MeterForm
{
    public string Id { get; set; } = "";

    public string Kind { get; set; } = "json";

    public string Address { get; set; } = "";

    public string User { get; set; } = "";

    public string Password { get; set; } = "";
}
