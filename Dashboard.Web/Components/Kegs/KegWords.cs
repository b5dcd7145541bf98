using System.Globalization;
using Dashboard.Web.Board;
using Dashboard.Web.Components.Common;
using Microsoft.Extensions.Localization;

namespace Dashboard.Web.Components.Kegs;

/// <summary>How pages write of kegs.</summary>
internal static class KegWords
{
    /// <summary>What is left, in US pints.</summary>
    public static string Pints(this IStringLocalizer<Texts> texts, decimal levelMl) =>
        texts.Plural((long)(Math.Max(0, levelMl) / Units.MlPerPint), "1 pint left", "{0} pints left");

    /// <summary>About how long a keg lasts: in minutes below two hours, else in hours.</summary>
    public static string About(this IStringLocalizer<Texts> texts, int minutes) =>
        minutes < 120 ? texts["{0} min", minutes] : texts["{0} h", (minutes + 30) / 60];

    /// <summary>Brewery, style, strength and bitterness, as far as they are known; null where none is.</summary>
    public static string? About(BeverageView? about)
    {
        if (about is null)
        {
            return null;
        }

        string?[] parts =
        [
            about.Brewery,
            about.Style,
            about.AbvPercent is { } abv ? abv.ToString("0.##", Languages.Current) + " %" : null,
            about.Ibu is { } ibu ? ibu.ToString("0.#", Languages.Current) + " IBU" : null,
        ];
        var known = parts.OfType<string>().ToList();
        return known.Count == 0 ? null : string.Join(" · ", known);
    }

    /// <summary>A number for an input of the browser.</summary>
    public static string? Input(decimal? value) => value?.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>Reads what an input of the browser gives; null where it is empty.</summary>
    public static decimal? Number(string? text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
