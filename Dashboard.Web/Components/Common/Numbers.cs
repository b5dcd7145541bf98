using System.Globalization;

namespace Dashboard.Web.Components.Common;

/// <summary>How the page writes numbers and times, in the visitor's language where a person reads them.</summary>
internal static class Numbers
{
    /// <summary>A count, in groups of three digits.</summary>
    public static string Count(long value) => value.ToString("N0", Languages.Current);

    /// <summary>When something was: the time, with its date on any other day.</summary>
    public static string Clock(DateTimeOffset at, DateTimeOffset now) => at.ToString(at.Date == now.Date ? "T" : "G", Languages.Current);

    /// <summary>A length in an SVG or a style.</summary>
    public static string Length(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
