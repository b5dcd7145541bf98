using Taproom.Pours;

namespace Dashboard.Web.Board;

/// <summary>What the pages show at one moment; it does not change.</summary>
/// <param name="At">The moment, UTC.</param>
/// <param name="State">What the numbers rest on.</param>
/// <param name="Taps">Every tap that has poured, is registered, has a keg on it or is online, by id.</param>
/// <param name="Latest">The pours that were received last, newest first.</param>
/// <param name="Messages">The messages that were received last, newest first.</param>
/// <param name="Events">The activity events that were received last, newest first.</param>
/// <param name="Alerts">What somebody should look at, the newest first.</param>
/// <param name="PoursPerMinute">Pours received within the last 60 s.</param>
/// <param name="Activity">Pours of all taps per 30 s, oldest first.</param>
public sealed record BoardView(
    DateTimeOffset At,
    BoardState State,
    IReadOnlyList<TapView> Taps,
    IReadOnlyList<PourView> Latest,
    IReadOnlyList<EntryView> Messages,
    IReadOnlyList<EntryView> Events,
    IReadOnlyList<AlertView> Alerts,
    int PoursPerMinute,
    IReadOnlyList<int> Activity
)
{
    private const int RushPerMinute = 120;

    /// <summary>Whether pours come faster than a person can follow them one by one.</summary>
    public bool IsRush => PoursPerMinute > RushPerMinute;

    /// <summary>Number of all pours.</summary>
    public long Pours { get; } = Taps.Sum(tap => tap.Pours);

    /// <summary>Sum of their volumes in mL.</summary>
    public decimal VolumeMl { get; } = Taps.Sum(tap => tap.VolumeMl);
}

/// <summary>One tap on the page.</summary>
/// <param name="TapId">The tap, 1 or more.</param>
/// <param name="Name">Its name in the registry, or null.</param>
/// <param name="Status">Whether it is connected.</param>
/// <param name="Pours">Number of its pours.</param>
/// <param name="VolumeMl">Sum of their volumes in mL.</param>
/// <param name="LastPourAt">When its newest pour was received, UTC; null before the first.</param>
/// <param name="Activity">Pours per 30 s, oldest first.</param>
/// <param name="Mix">How many of its latest pours filled which glass.</param>
/// <param name="Keg">The keg on it, or null.</param>
/// <param name="Temperature">How warm its beer is; null where it has not said so of late.</param>
public sealed record TapView(
    int TapId,
    string? Name,
    TapStatus Status,
    long Pours,
    decimal VolumeMl,
    DateTimeOffset? LastPourAt,
    IReadOnlyList<int> Activity,
    IReadOnlyDictionary<GlassType, int> Mix,
    KegView? Keg,
    TemperatureView? Temperature = null
)
{
    /// <summary>Whether it is the same tap with all that is shown of it.</summary>
    public bool ShowsTheSameAs(TapView other) =>
        this with { Activity = other.Activity, Mix = other.Mix } == other
        && Activity.SequenceEqual(other.Activity)
        && Mix.Count == other.Mix.Count
        && Mix.All(share => other.Mix.TryGetValue(share.Key, out var count) && count == share.Value);
}

/// <summary>Whether a tap is there, see <see cref="Taproom.Signals.TapPresence.IsOnline"/>.</summary>
public enum TapStatus
{
    /// <summary>Redis has not said so, or does not any more.</summary>
    Unknown,

    /// <summary>It is connected, or has just poured over HTTP.</summary>
    Online,

    /// <summary>It is not.</summary>
    Offline,
}

/// <summary>The keg on a tap.</summary>
/// <param name="Beverage">What is in it.</param>
/// <param name="SizeMl">Its size in mL.</param>
/// <param name="LevelMl">What is left in mL, without what is received and not stored yet; below zero when the tap measures more.</param>
/// <param name="IsLow">Whether it should be changed soon.</param>
/// <param name="MinutesLeft">In about how many minutes it will be empty at the pace of the last hour; null where nobody can tell.</param>
/// <param name="KegId">The keg.</param>
/// <param name="About">What is known of the beverage; null for nothing but its name.</param>
public sealed record KegView(
    string Beverage,
    decimal SizeMl,
    decimal LevelMl,
    bool IsLow,
    int? MinutesLeft = null,
    Guid KegId = default,
    BeverageView? About = null
);

/// <summary>What is known of a beverage beside its name.</summary>
/// <param name="Brewery">Who brews it, or null.</param>
/// <param name="Style">Its style, or null.</param>
/// <param name="AbvPercent">Alcohol by volume in per cent, or null.</param>
/// <param name="Ibu">Bitterness in IBU, or null.</param>
/// <param name="Tint">Its colour as CSS writes it, or null.</param>
/// <param name="PictureUrl">Address of a picture that may be shown, or null.</param>
public sealed record BeverageView(string? Brewery, string? Style, decimal? AbvPercent, decimal? Ibu, string? Tint, string? PictureUrl)
{
    /// <summary>Shows what is stored. Pictures come over TLS only, or the page would not be what it says it is.</summary>
    public static BeverageView Of(Taproom.Store.Beverage row) =>
        new(
            row.Brewery,
            row.Style,
            row.AbvPercent,
            row.Ibu,
            row.ColorEbc is { } ebc ? BeerColor.Tint(ebc) : null,
            row.PictureUrl?.StartsWith("https://", StringComparison.OrdinalIgnoreCase) is true ? row.PictureUrl : null
        );
}

/// <summary>One pour on the page.</summary>
/// <param name="Pour">The pour.</param>
/// <param name="IsStored">Whether it is committed in Postgres; else it is received and on its way.</param>
public sealed record PourView(Pour Pour, bool IsStored)
{
    /// <summary>Name of the glass; null for a volume that is not known yet, or fills none, which a store of an earlier configuration may have.</summary>
    public string? Glass => Pour.Glass?.Name();
}

/// <summary>What the numbers rest on.</summary>
public enum BoardState
{
    /// <summary>The board is not loaded yet: it is loaded when somebody comes to look at it.</summary>
    Starting,

    /// <summary>Redis and Postgres answer.</summary>
    Live,

    /// <summary>Redis is away: no pour can come in.</summary>
    StreamAway,

    /// <summary>Postgres is away: pours come in, and none is stored.</summary>
    StoreAway,

    /// <summary>Postgres answers, and has something that cannot be read: totals may be old.</summary>
    StoreUnreadable,

    /// <summary>Neither answers.</summary>
    BothAway,
}
