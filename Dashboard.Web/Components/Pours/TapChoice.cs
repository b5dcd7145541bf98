using Dashboard.Web.Board;

namespace Dashboard.Web.Components.Pours;

/// <summary>Which taps a visitor wants to see, and in which order.</summary>
/// <param name="Find">Number of a tap, or a part of its name or of its beverage; null for any.</param>
/// <param name="Show">One of <see cref="Shows"/>; anything else means all.</param>
/// <param name="Sort">One of <see cref="Sorts"/>; anything else means by number.</param>
internal sealed record TapChoice(string? Find, string? Show, string? Sort)
{
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(1);

    /// <summary>What can be shown, with its text.</summary>
    public static IReadOnlyList<(string Value, string Name)> Shows { get; } =
    [("", Texts.Key("All")), ("low", Texts.Key("Low kegs")), ("offline", Texts.Key("Offline taps")), ("pouring", Texts.Key("Pouring now"))];

    /// <summary>By what taps can be sorted, with its text.</summary>
    public static IReadOnlyList<(string Value, string Name)> Sorts { get; } =
    [
        ("", Texts.Key("By number")),
        ("level", Texts.Key("Emptiest keg first")),
        ("pours", Texts.Key("Most pours first")),
        ("last", Texts.Key("Last pour first")),
    ];

    /// <summary>Those of the taps that are wanted.</summary>
    /// <param name="taps">All taps, by number.</param>
    /// <param name="now">The moment that the taps are of.</param>
    public IReadOnlyList<TapView> Of(IReadOnlyList<TapView> taps, DateTimeOffset now)
    {
        var find = Find?.Trim() ?? "";
        var wanted = taps.Where(tap => IsFound(tap, find) && IsShown(tap, now));
        return
        [
            .. Sort switch
            {
                "level" => wanted.OrderBy(tap => tap.Keg is { } keg ? keg.LevelMl / keg.SizeMl : decimal.MaxValue),
                "pours" => wanted.OrderByDescending(tap => tap.Pours),
                "last" => wanted.OrderByDescending(tap => tap.LastPourAt),
                _ => wanted,
            },
        ];
    }

    // A number is that of a tap: who looks for 4 does not want 14.
    private static bool IsFound(TapView tap, string find) =>
        find.Length == 0
        || (
            int.TryParse(find, out var number)
                ? tap.TapId == number
                : tap.Name?.Contains(find, StringComparison.CurrentCultureIgnoreCase) == true
                    || tap.Keg?.Beverage.Contains(find, StringComparison.CurrentCultureIgnoreCase) == true
        );

    private bool IsShown(TapView tap, DateTimeOffset now) =>
        Show switch
        {
            "low" => tap.Keg is { IsLow: true },
            "offline" => tap.Status is TapStatus.Offline,
            "pouring" => now - tap.LastPourAt < Lately,
            _ => true,
        };
}
