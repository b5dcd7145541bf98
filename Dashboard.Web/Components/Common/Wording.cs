using Microsoft.Extensions.Localization;

namespace Dashboard.Web.Components.Common;

/// <summary>Texts with a number in them.</summary>
internal static class Wording
{
    /// <summary>One thing or several, each a text of its own, the second with a {0} for the number. English and German have these two forms.</summary>
    public static string Plural(this IStringLocalizer<Texts> texts, long number, string one, string many) =>
        number == 1 ? texts[one] : texts[many, Numbers.Count(number)];

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
}
