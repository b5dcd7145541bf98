using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ingest.Api.Http;

/// <summary>JSON that goes out as it came in, byte for byte: a number keeps its digits, a text its escapes.</summary>
/// <param name="Text">A valid JSON value.</param>
[JsonConverter(typeof(Converter))]
internal readonly record struct RawJson(string Text)
{
    private sealed class Converter : JsonConverter<RawJson>
    {
        public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return new RawJson(document.RootElement.GetRawText());
        }

        public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Text, skipInputValidation: true);
    }
}
