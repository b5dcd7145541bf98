using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tap.Simulator.Journal;

/// <summary>A pour as a tap reports it: <c>{"id","volume","pouredAt","seq","pulses","odometer","durationMs"}</c>.</summary>
/// <param name="Id">Identity of the pour; the same each time it is sent.</param>
/// <param name="Volume">Volume in mL; null where it is left to the server to derive it from the pulses.</param>
/// <param name="PouredAt">When it was poured, by the tap's clock.</param>
/// <param name="Seq">Number of the pour among those of its tap, from 1; a tap with a journal goes on counting after a restart.</param>
/// <param name="Pulses">Pulses of the flow meter.</param>
/// <param name="Odometer">All pulses of that meter until the end of this pour; more than the sum of its pours where one was cut short.</param>
/// <param name="DurationMs">How long the beer flowed.</param>
internal sealed record Pour(
    Guid Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] decimal? Volume,
    DateTimeOffset PouredAt,
    long Seq,
    long Pulses,
    long Odometer,
    int DurationMs
)
{
    /// <summary>The tap, where no topic names it; else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TapId { get; init; }

    /// <summary>The span in which it was first sent, so that sending it again stays in the same trace; null before.</summary>
    [JsonIgnore]
    public ActivityContext? FirstSent { get; set; }

    /// <summary>W3C <c>traceparent</c> of the span that sends it, where the payload carries it; else null.</summary>
    [JsonPropertyName("traceparent"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c> of that span, or null.</summary>
    [JsonPropertyName("tracestate"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceState { get; init; }

    /// <summary>The payload, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PourJson.Default.Pour);
}

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Pour))]
internal sealed partial class PourJson : JsonSerializerContext;
