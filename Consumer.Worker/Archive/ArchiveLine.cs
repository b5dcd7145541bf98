using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Taproom.Ingest;
using Taproom.Reports;

namespace Consumer.Worker.Archive;

/// <summary>An entry as one line of JSON.</summary>
internal static class ArchiveLine
{
    private static readonly HashSet<string?> Rainforest =
    [
        "DeviceMacId",
        "MeterMacId",
        "TimeStamp",
        "Demand",
        "Multiplier",
        "Divisor",
        "DigitsRight",
        "DigitsLeft",
        "SuppressLeadingZero",
    ];

    // The line is no HTML: text stays as people read it.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Adds the line <c>{"id","kind","tap","at","position","body"}</c>, with its end.</summary>
    /// <remarks>
    /// The nine members of a Rainforest gateway's answer stand beside the first five in place of <c>body</c>, where users of these meters
    /// look for them. A body that is no JSON, which the store sets aside, is a string.
    /// </remarks>
    public static void Add(IBufferWriter<byte> lines, IngestEntry entry, string position)
    {
        var isJson = StrictJson.IsValid(entry.Body, out _);
        using var json = new Utf8JsonWriter(lines, Options);
        json.WriteStartObject();
        json.WriteString("id", entry.Id);
        json.WriteString("kind", entry.Kind);
        json.WriteString("tap", entry.Tap);
        json.WriteString("at", entry.ReceivedAt.UtcDateTime);
        json.WriteString("position", position);
        if (isJson && ArchiveNames.IsOfMeter(entry) && RainforestMembers(entry.Body) is { } members)
        {
            json.Flush();
            lines.Write(","u8);
            lines.Write(OnOneLine(members));
            lines.Write("}\n"u8);
            return;
        }

        json.WritePropertyName("body");
        if (isJson)
        {
            json.WriteRawValue(OnOneLine(entry.Body), skipInputValidation: true);
        }
        else
        {
            json.WriteStringValue(Encoding.UTF8.GetString(entry.Body));
        }

        json.WriteEndObject();
        json.Flush();
        lines.Write("\n"u8);
    }

    /// <summary>What stands between the braces of a Rainforest gateway's answer; null for any other body.</summary>
    private static byte[]? RainforestMembers(byte[] body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            return null;
        }

        var (start, found) = ((int)reader.BytesConsumed, 0);
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (!Rainforest.Contains(reader.GetString()))
            {
                return null;
            }

            found++;
            reader.Skip();
        }

        return found == Rainforest.Count ? body[start..(int)reader.TokenStartIndex] : null;
    }

    /// <summary>In JSON a line ends only between tokens, where a space means the same.</summary>
    private static byte[] OnOneLine(byte[] json) =>
        json.AsSpan().IndexOfAny("\r\n"u8) < 0 ? json : [.. json.Select(value => value is (byte)'\r' or (byte)'\n' ? (byte)' ' : value)];
}
