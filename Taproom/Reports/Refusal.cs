namespace Taproom.Reports;

/// <summary>Why an input is refused, in words that its sender may see.</summary>
/// <param name="Status">The HTTP status it is worth: 400 (not readable) or 422 (readable, but not acceptable).</param>
/// <param name="Member">The JSON member at fault, or null for the document as a whole.</param>
/// <param name="Reason">One sentence.</param>
public sealed record Refusal(int Status, string? Member, string Reason)
{
    /// <summary>The input cannot be read: 400.</summary>
    public static Refusal Malformed(string? member, string reason) => new(400, member, reason);

    /// <summary>The input is well formed, a member of it is missing, mistyped or out of range: 422.</summary>
    public static Refusal Unprocessable(string member, string reason) => new(422, member, reason);
}
