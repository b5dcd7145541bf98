using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Taproom.Reports;

/// <summary>
/// Reads JSON from outside: RFC 8259 to the letter, valid UTF-8, no duplicate member, bounded nesting, and no number that a double
/// cannot hold (like 1e400), as most readers of what is passed on would see infinity; a long one that it can hold keeps its digits.
/// </summary>
public static class StrictJson
{
    /// <summary>Deepest nesting accepted from outside; more is an attack or a fault, not a report.</summary>
    public const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth };

    /// <summary>Parses a document of any kind.</summary>
    /// <param name="utf8">The bytes; they must outlive the document.</param>
    /// <param name="document">The document, to be disposed by the caller; or null.</param>
    /// <param name="refusal">Why it is refused (always status 400), or null.</param>
    /// <returns>True when the document is valid.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Refusal? refusal)
    {
        document = IsValid(utf8, out refusal) ? JsonDocument.Parse(utf8, Options) : null;
        return document is not null;
    }

    /// <summary>Parses a document that must be an object; see <see cref="TryParse"/>.</summary>
    public static bool TryParseObject(
        ReadOnlyMemory<byte> utf8,
        [NotNullWhen(true)] out JsonDocument? document,
        [NotNullWhen(false)] out Refusal? refusal
    )
    {
        document = IsValidObject(utf8, out refusal) ? JsonDocument.Parse(utf8, Options) : null;
        return document is not null;
    }

    /// <summary>Whether a document of any kind is valid.</summary>
    public static bool IsValid(ReadOnlyMemory<byte> utf8, [NotNullWhen(false)] out Refusal? refusal)
    {
        var reader = new StrictReader(utf8.Span);
        reader.ReadToEnd();
        refusal = reader.Refusal;
        return refusal is null;
    }

    /// <summary>Whether a document is a valid object.</summary>
    public static bool IsValidObject(ReadOnlyMemory<byte> utf8, [NotNullWhen(false)] out Refusal? refusal)
    {
        var reader = new StrictReader(utf8.Span);
        var isObject = reader.Read() && reader.Json.TokenType is JsonTokenType.StartObject;
        reader.ReadToEnd();
        refusal = reader.Refusal ?? (isObject ? null : NoObject);
        return refusal is null;
    }

    /// <summary>Finds an optional member; one that is <c>null</c> counts as absent.</summary>
    public static bool TryGetMember(this JsonElement json, string name, out JsonElement member) =>
        json.TryGetProperty(name, out member) && member.ValueKind is not JsonValueKind.Null;

    /// <summary>The text of a member, or null when it is absent or no string.</summary>
    public static string? TextOrNull(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.String ? member.GetString() : null;

    /// <summary>What is refused that is valid, but no object.</summary>
    internal static Refusal NoObject => Refusal.Malformed(null, "The body must be a JSON object.");
}
