using Microsoft.Extensions.Localization;
using Taproom.Pours;

namespace Dashboard.Web.Components.Common;

/// <summary>Texts with a number in them.</summary>
internal static class Wording
{
    private static readonly string[] Glasses = [Texts.Key("half"), Texts.Key("pint"), Texts.Key("stein")];

    /// <summary>One thing or several, each a text of its own. English and German have these two forms.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="number">How many there are; {0} in the texts.</param>
    /// <param name="one">For exactly one.</param>
    /// <param name="many">For none, and for two and more.</param>
    /// <param name="more">What else the texts have a place for, from {1} on.</param>
    public static string Plural(this IStringLocalizer<Texts> texts, long number, string one, string many, params ReadOnlySpan<object> more) =>
        number == 1 ? texts[one, [Numbers.Count(number), .. more]] : texts[many, [Numbers.Count(number), .. more]];

    /// <summary>Name of a glass type, see <see cref="GlassTypes"/>; one of which no language knows stays as it is.</summary>
    public static string Glass(this IStringLocalizer<Texts> texts, string? name) =>
        name is not null && Glasses.Contains(name) ? texts[name] : name ?? "";

    /// <summary>How long ago something was.</summary>
    public static string Age(this IStringLocalizer<Texts> texts, TimeSpan age) =>
        age.TotalSeconds < 2 ? texts["just now"] : texts["{0} ago", texts.Duration(age)];

    /// <summary>How long something takes.</summary>
    public static string Duration(this IStringLocalizer<Texts> texts, TimeSpan time) =>
        time.TotalSeconds switch
        {
            < 1 => texts["less than 1 s"],
            < 60 => texts["{0} s", (int)time.TotalSeconds],
            < 3600 => texts["{0} min", (int)time.TotalMinutes],
            < 86_400 => texts["{0} h", (int)time.TotalHours],
            _ => texts["{0} d", (int)time.TotalDays],
        };

    /// <summary>What a pour was for.</summary>
    public static string Of(this IStringLocalizer<Texts> texts, Purpose purpose) =>
        purpose switch
        {
            Purpose.Sale => texts["Sale"],
            Purpose.Cleaning => texts["Cleaning"],
            Purpose.Foam => texts["Foam"],
            Purpose.Spill => texts["Spill"],
            _ => texts["Taster"],
        };
}
