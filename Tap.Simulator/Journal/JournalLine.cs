using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tap.Simulator.Journal;

/// <summary>One line of a journal: a pour, ids that are done with, or the counters.</summary>
/// <param name="Poured">A pour that is pending from here on.</param>
/// <param name="Freed">Ids of pours that are pending no longer.</param>
/// <param name="Seq">Number of the newest pour before this line, for a journal without pending pours.</param>
/// <param name="Odometer">The odometer of that pour.</param>
internal sealed record JournalLine(Pour? Poured = null, IReadOnlyList<Guid>? Freed = null, long? Seq = null, long? Odometer = null)
{
    /// <summary>The line with its end, UTF-8.</summary>
    public byte[] ToUtf8() => [.. JsonSerializer.SerializeToUtf8Bytes(this, JournalLineJson.Default.JournalLine), (byte)'\n'];

    /// <summary>Reads a line without its end; null when it is damaged.</summary>
    public static JournalLine? Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, JournalLineJson.Default.JournalLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalLine))]
internal sealed partial class JournalLineJson : JsonSerializerContext;
