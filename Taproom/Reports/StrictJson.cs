using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Taproom.Reports;

/// <summary>
/// Reads JSON from outside: RFC 8259 to the letter, valid UTF-8, no duplicate member, bounded nesting, and no number that a double
/// cannot hold (like 1e400), as most readers of what is passed on would see infinity; a long one that it can hold keeps its digits.
/// </summary>
public static class StrictJson
{
    /// <summary>Deepest nesting accepted from outside; more is an attack or a fault, not a report.</summary>
    public const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <summary>Parses a document of any kind.</summary>
    /// <param name="utf8">The bytes; they must outlive the document.</param>
    /// <param name="document">The document, to be disposed by the caller; or null.</param>
    /// <param name="refusal">Why it is refused (always status 400), or null.</param>
    /// <returns>True when the document is valid.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Refusal? refusal)
    {
        (document, refusal) = (null, null);
        if (!Utf8.IsValid(utf8.Span))
        {
            refusal = Refusal.Malformed(null, "The body is not valid UTF-8.");
            return false;
        }

        if (HasLoneSurrogate(utf8.Span))
        {
            refusal = Refusal.Malformed(null, "The body has half of a surrogate pair, which is no Unicode character.");
            return false;
        }

        try
        {
            document = JsonDocument.Parse(utf8, Options);
        }
        catch (JsonException)
        {
            refusal = Refusal.Malformed(null, "The body is not valid JSON, repeats a member or is nested too deeply.");
            return false;
        }

        if (!HasInfiniteNumber(utf8.Span, out var member))
        {
            return true;
        }

        document.Dispose();
        document = null;
        refusal = Refusal.Malformed(member, member is null ? "A number in the body is too large." : $"A number in '{member}' is too large.");
        return false;
    }

    /// <summary>Parses a document that must be an object; see <see cref="TryParse"/>.</summary>
    public static bool TryParseObject(
        ReadOnlyMemory<byte> utf8,
        [NotNullWhen(true)] out JsonDocument? document,
        [NotNullWhen(false)] out Refusal? refusal
    )
    {
        if (!TryParse(utf8, out document, out refusal))
        {
            return false;
        }

        if (document.RootElement.ValueKind is JsonValueKind.Object)
        {
            return true;
        }

        document.Dispose();
        document = null;
        refusal = Refusal.Malformed(null, "The body must be a JSON object.");
        return false;
    }

    /// <summary>Whether a document of any kind is valid.</summary>
    public static bool IsValid(ReadOnlyMemory<byte> utf8, [NotNullWhen(false)] out Refusal? refusal)
    {
        var isValid = TryParse(utf8, out var document, out refusal);
        document?.Dispose();
        return isValid;
    }

    /// <summary>Whether a document is a valid object.</summary>
    public static bool IsValidObject(ReadOnlyMemory<byte> utf8, [NotNullWhen(false)] out Refusal? refusal)
    {
        var isValid = TryParseObject(utf8, out var document, out refusal);
        document?.Dispose();
        return isValid;
    }

    /// <summary>Finds an optional member; one that is <c>null</c> counts as absent.</summary>
    public static bool TryGetMember(this JsonElement json, string name, out JsonElement member) =>
        json.TryGetProperty(name, out member) && member.ValueKind is not JsonValueKind.Null;

    /// <summary>The text of a member, or null when it is absent or no string.</summary>
    public static string? TextOrNull(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.String ? member.GetString() : null;

    /// <param name="json">A valid document.</param>
    /// <param name="member">The member of the outermost object that the number is in; null where there is none.</param>
    private static bool HasInfiniteNumber(ReadOnlySpan<byte> json, out string? member)
    {
        member = null;
        ReadOnlySpan<byte> name = default;
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 })
            {
                name = reader.ValueSpan;
            }
            else if (reader.TokenType is JsonTokenType.Number && double.IsInfinity(reader.GetDouble()))
            {
                member = name.IsEmpty ? null : JsonSerializer.Deserialize<string>([(byte)'"', .. name, (byte)'"']);
                return true;
            }
        }

        return false;
    }

    // The parser accepts an escaped one, and reading the text then throws.
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> json)
    {
        var highBefore = false;
        while (json.IndexOf((byte)'\\') is var at and >= 0)
        {
            if (highBefore && at > 0)
            {
                return true;
            }

            json = json[at..];
            var isUnit = json.Length >= 6 && json[1] == (byte)'u';
            var unit =
                isUnit && ushort.TryParse(json[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                    ? (char)value
                    : default;
            if (char.IsLowSurrogate(unit) != highBefore)
            {
                return true;
            }

            highBefore = char.IsHighSurrogate(unit);
            json = json[Math.Min(json.Length, isUnit ? 6 : 2)..];
        }

        return highBefore;
    }
}
