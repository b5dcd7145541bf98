namespace Taproom.Pours;

/// <summary>Names purposes as reports and the API do.</summary>
public static class Purposes
{
    /// <summary>The names, as a sentence has them.</summary>
    public const string List = "'sale', 'cleaning', 'foam', 'spill' or 'taster'";

    /// <summary>The lower-case name used in JSON and in queries.</summary>
    public static string Name(this Purpose purpose) =>
        purpose switch
        {
            Purpose.Sale => "sale",
            Purpose.Cleaning => "cleaning",
            Purpose.Foam => "foam",
            Purpose.Spill => "spill",
            Purpose.Taster => "taster",
            _ => throw new ArgumentOutOfRangeException(nameof(purpose), purpose, "Not a purpose."),
        };

    /// <summary>The name of a rule used in JSON; null for a person, who is none.</summary>
    public static string? Name(this PurposeRule rule) =>
        rule switch
        {
            PurposeRule.CleaningWindow => "cleaning-window",
            PurposeRule.KegEnd => "keg-end",
            _ => null,
        };

    /// <summary>The purpose of a name, exactly as <see cref="Name"/> writes it; null for any other text.</summary>
    public static Purpose? Parse(string? name) =>
        name switch
        {
            "sale" => Purpose.Sale,
            "cleaning" => Purpose.Cleaning,
            "foam" => Purpose.Foam,
            "spill" => Purpose.Spill,
            "taster" => Purpose.Taster,
            _ => null,
        };
}
