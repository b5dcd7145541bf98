using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace Ingest.Api.Http;

/// <summary>Keeps two people from changing the same thing without knowing of each other (RFC 9110, 13.1.1).</summary>
/// <remarks>
/// A thing that people change has an edition, which begins the <c>ETag</c> of its answers. What changes by itself, as
/// the level of a keg does with each pour, changes the rest of the tag alone, and <c>If-Match</c> does not look at that.
/// </remarks>
internal static class Editions
{
    private static readonly object Key = new();

    /// <summary>Says which edition an answer shows.</summary>
    public static void Show(HttpContext context, object? edition) => context.Items[Key] = TextOf(edition);

    /// <summary>The <c>ETag</c> of an answer.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="hash">Of the bytes of the answer.</param>
    public static string TagOf(HttpContext context, string hash) => context.Items[Key] is string edition ? $"\"{edition}-{hash}\"" : $"\"{hash}\"";

    /// <summary>Whether an edition is the one that an <c>If-Match</c> header names; null where it names none, or any.</summary>
    public static Func<T, bool>? Expected<T>(string? ifMatch)
    {
        if (ifMatch is null || ifMatch.Trim() == "*")
        {
            return null;
        }

        string[] editions = EntityTagHeaderValue.TryParseList([ifMatch], out var tags)
            ? [.. tags.Where(tag => !tag.IsWeak).Select(tag => tag.Tag.ToString().Trim('"').Split('-')[0])]
            : [];
        return edition => editions.Contains(TextOf(edition), StringComparer.Ordinal);
    }

    /// <summary>Somebody else was quicker.</summary>
    /// <param name="what">What is otherwise now, as a sentence.</param>
    public static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Changed(string what) =>
        Problems.Of(StatusCodes.Status412PreconditionFailed, $"{what} Look at it again, and send the change with the new ETag.");

    private static string TextOf(object? edition) =>
        edition switch
        {
            null => "none",
            Guid id => $"{id:N}",
            _ => Convert.ToString(edition, CultureInfo.InvariantCulture)!,
        };
}
