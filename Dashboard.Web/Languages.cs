using System.Globalization;
using Microsoft.AspNetCore.Localization;

namespace Dashboard.Web;

/// <summary>The languages of the pages, and how each writes numbers and times.</summary>
/// <remarks>Written down here and not taken from ICU, so that a machine without it shows the same.</remarks>
internal static class Languages
{
    /// <summary>Cookie that holds the visitor's choice, such as <c>de</c>. Without it the browser's own languages count.</summary>
    public const string Cookie = "taproom-language";

    /// <summary>English; also for whatever is not written for a visitor.</summary>
    public static CultureInfo English { get; } = Make("en", ".", "\u202f", "yyyy-MM-dd");

    /// <summary>German.</summary>
    public static CultureInfo German { get; } =
        Make(
            "de",
            ",",
            ".",
            "dd.MM.yyyy",
            ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
            ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember", ""],
            ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"],
            ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.", ""]
        );

    /// <summary>All of them, with their own names.</summary>
    public static IReadOnlyList<(CultureInfo Culture, string Name)> All { get; } = [(English, "English"), (German, "Deutsch")];

    /// <summary>That of the request or of the open page; English elsewhere.</summary>
    public static CultureInfo Current => CultureInfo.CurrentCulture.Name.Length == 0 ? English : CultureInfo.CurrentCulture;

    /// <summary>Chooses by the cookie, else by Accept-Language, else English.</summary>
    public static void Configure(RequestLocalizationOptions options)
    {
        var cultures = All.Select(language => language.Culture).ToList();
        (options.SupportedCultures, options.SupportedUICultures) = (cultures, cultures);
        options.DefaultRequestCulture = new RequestCulture(English);
        options.RequestCultureProviders = [new CustomRequestCultureProvider(context => Task.FromResult(Chosen(context.Request)))];
    }

    private static ProviderCultureResult? Chosen(HttpRequest request) =>
        OfBrowser(request).Prepend(request.Cookies[Cookie]).FirstOrDefault(IsKnown) is { } known ? new ProviderCultureResult(known) : null;

    private static bool IsKnown(string? name) => All.Any(language => language.Culture.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    // By the language alone: without ICU nobody knows that de-AT is German.
    private static IEnumerable<string?> OfBrowser(HttpRequest request) =>
        request
            .GetTypedHeaders()
            .AcceptLanguage.Where(language => language.Quality is not 0)
            .OrderByDescending(language => language.Quality ?? 1)
            .Select(language => language.Value.Value?.Split('-')[0]);

    private static CultureInfo Make(
        string name,
        string decimalSign,
        string group,
        string date,
        string[]? days = null,
        string[]? months = null,
        string[]? shortDays = null,
        string[]? shortMonths = null
    )
    {
        var culture = new CultureInfo(name, useUserOverride: false);
        var (numbers, times) = (culture.NumberFormat, culture.DateTimeFormat);
        (numbers.NumberDecimalSeparator, numbers.NumberGroupSeparator) = (decimalSign, group);
        (times.ShortDatePattern, times.ShortTimePattern, times.LongTimePattern) = (date, "HH:mm", "HH:mm:ss");
        if (days is not null)
        {
            (times.DayNames, times.AbbreviatedDayNames, times.ShortestDayNames) = (days, shortDays!, shortDays!);
            (times.MonthNames, times.MonthGenitiveNames) = (months!, months!);
            (times.AbbreviatedMonthNames, times.AbbreviatedMonthGenitiveNames) = (shortMonths!, shortMonths!);
        }

        return CultureInfo.ReadOnly(culture);
    }
}
