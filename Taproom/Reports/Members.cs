using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Taproom.Reports;

/// <summary>Reads members that an object must have; one that is missing, mistyped or blank is refused by name, with status 400.</summary>
public static class Members
{
    /// <summary>Reads a text that is not blank.</summary>
    /// <param name="json">The object.</param>
    /// <param name="name">The member.</param>
    /// <param name="maxLength">Most UTF-16 characters.</param>
    /// <param name="text">The text, or null.</param>
    /// <param name="refusal">Why it is refused, or null.</param>
    public static bool TryGetText(
        this JsonElement json,
        string name,
        int maxLength,
        [NotNullWhen(true)] out string? text,
        [NotNullWhen(false)] out Refusal? refusal
    )
    {
        text = json.TextOrNull(name);
        refusal = text switch
        {
            null => Refusal.Malformed(name, $"The member '{name}' must be a text."),
            _ when string.IsNullOrWhiteSpace(text) => Refusal.Malformed(name, $"The member '{name}' must not be blank."),
            _ when text.Length > maxLength => Refusal.Malformed(name, $"The member '{name}' must not be longer than {maxLength} characters."),
            // Postgres cannot store it in a text.
            _ when text.Contains('\0') => Refusal.Malformed(name, $"The member '{name}' must not contain the character U+0000."),
            _ => null,
        };
        return refusal is null;
    }

    /// <summary>Reads a count: a whole number, 0 or more; null where the member is absent or null.</summary>
    public static bool TryGetCount(this JsonElement json, string name, out long? count, [NotNullWhen(false)] out Refusal? refusal)
    {
        (count, refusal) = (null, null);
        if (!json.TryGetMember(name, out var member))
        {
            return true;
        }

        if (member.ValueKind is JsonValueKind.Number && ExactNumber.Read(JsonMarshal.GetRawUtf8Value(member)) is var number && IsCount(number))
        {
            count = (long)number;
            return true;
        }

        refusal = NoCount(name);
        return false;
    }

    /// <summary>Whether a number is a count.</summary>
    internal static bool IsCount(decimal number) => number is >= 0 and <= long.MaxValue && number == decimal.Truncate(number);

    /// <summary>What is said of a member that is no count.</summary>
    internal static Refusal NoCount(string name) => Refusal.Unprocessable(name, $"The member '{name}' must be a whole number, 0 or more.");
}
