using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tap.Simulator.Transports;

/// <summary>What a tap's sensors say: <c>{"temperatureC","pressureKPa","odometer","readAt"?}</c>.</summary>
/// <param name="TemperatureC">Temperature of the beer.</param>
/// <param name="PressureKPa">Pressure of the keg.</param>
/// <param name="Odometer">All pulses of the flow meter.</param>
internal sealed record TapReading(decimal TemperatureC, decimal PressureKPa, long Odometer)
{
    /// <summary>When it was read; null for now.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>The payload, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, TapReadingJson.Default.TapReading);
}

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TapReading))]
internal sealed partial class TapReadingJson : JsonSerializerContext;
