using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Taproom.Reports;

namespace Ingest.Api.Http;

/// <summary>Reads times as <see cref="Rfc3339"/> has them, and writes them in UTC with a <c>Z</c>, to the microsecond that Postgres keeps.</summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>What the member of anything else must be.</summary>
    public const string Wrong = "an RFC 3339 time with an offset";

    /// <inheritdoc />
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String && Rfc3339.TryParse(reader.GetString(), out var time) ? time : throw new JsonException(Wrong);

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(ToText(value));

    /// <summary>The text of a time.</summary>
    public static string ToText(DateTimeOffset value) => value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
