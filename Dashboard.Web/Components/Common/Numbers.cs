using System.Globalization;

namespace Dashboard.Web.Components.Common;

/// <summary>How the page writes numbers and times, in the visitor's language where a person reads them.</summary>
internal static class Numbers
{
    /// <summary>A count, in groups of three digits.</summary>
    public static string Count(long value) => value.ToString("N0", Languages.Current);

    /// <summary>A number of things, such as <c>1 tap</c> or <c>2 taps</c>.</summary>
    public static string Of(long number, string thing) => $"{Count(number)} {thing}{(number == 1 ? "" : "s")}";

    /// <summary>A volume in litres, with one decimal below a thousand.</summary>
    public static string Litres(decimal volumeMl) => (volumeMl / 1000).ToString(volumeMl < 1_000_000 ? "N1" : "N0", Languages.Current);

    /// <summary>A volume in mL, with the decimals that it has, at most one; an ellipsis while it is not known.</summary>
    public static string Millilitres(decimal? volumeMl) => volumeMl?.ToString("#,0.#", Languages.Current) ?? "…";

    /// <summary>How long ago something was.</summary>
    public static string Age(TimeSpan age) => age.TotalSeconds < 2 ? "just now" : $"{Duration(age)} ago";

    /// <summary>How long something takes.</summary>
    public static string Duration(TimeSpan time) =>
        time.TotalSeconds switch
        {
            < 1 => "less than 1 s",
            < 60 => $"{(int)time.TotalSeconds} s",
            < 3600 => $"{(int)time.TotalMinutes} min",
            < 86_400 => $"{(int)time.TotalHours} h",
            _ => $"{(int)time.TotalDays} d",
        };

    /// <summary>When something was: the time, with its date on any other day.</summary>
    public static string Clock(DateTimeOffset at, DateTimeOffset now) => at.ToString(at.Date == now.Date ? "T" : "G", Languages.Current);

    /// <summary>A length in an SVG or a style.</summary>
    public static string Length(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
