using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Taproom.Reports;

namespace Ingest.Api.Http;

/// <summary>Reads numbers so that their limits are held against what was sent, however many digits that has.</summary>
internal sealed class ExactNumberConverter : JsonConverter<decimal>
{
    /// <inheritdoc />
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is not JsonTokenType.Number ? throw new JsonException("Not a number.")
        : reader.HasValueSequence ? ExactNumber.Read(reader.ValueSequence.ToArray())
        : ExactNumber.Read(reader.ValueSpan);

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
