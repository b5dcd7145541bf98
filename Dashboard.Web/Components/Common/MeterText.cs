using Microsoft.Extensions.Localization;

namespace Dashboard.Web.Components.Common;

/// <summary>Why a meter could not be read, in the visitor's language.</summary>
internal static class MeterText
{
    private static readonly string[] Known =
    [
        Texts.Key("The meter did not answer in time."),
        Texts.Key("The meter's password cannot be decrypted any more; post the meter again."),
        Texts.Key("The meter's answer is not a JSON object."),
        Texts.Key("The meter's answer is not XML."),
        Texts.Key("The meter answered with an error."),
    ];

    /// <summary>What Ingest.Api wrote, by its words; in English where they are not known here.</summary>
    public static string MeterFault(this IStringLocalizer<Texts> texts, string error)
    {
        return Known.Contains(error) ? texts[error]
            : Between("The meter answered with status ", ".") is { } status ? texts["The meter answered with status {0}.", status]
            : Between("The meter cannot be reached (", ").") is { } why ? texts["The meter cannot be reached ({0}).", why]
            : Between("The meter's answer has no element ", ".") is { } element ? texts["The meter's answer has no element {0}.", element]
            : error;

        string? Between(string begin, string end) =>
            error.StartsWith(begin, StringComparison.Ordinal)
            && error.EndsWith(end, StringComparison.Ordinal)
            && error.Length > begin.Length + end.Length
                ? error[begin.Length..^end.Length]
                : null;
    }
}
