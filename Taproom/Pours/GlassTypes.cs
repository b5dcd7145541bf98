namespace Taproom.Pours;

/// <summary>Infers the glass type from a volume, and names it as the API does.</summary>
public static class GlassTypes
{
    /// <summary>What a refused volume is answered with; the wording is the first beer-tap server's, which clients match on.</summary>
    public const string OutOfRange = "There is no glass type for the specified volume";

    /// <summary>The glass type of a volume: the first range, smallest first, that holds it.</summary>
    /// <param name="volumeMl">The poured volume in mL.</param>
    /// <returns>The glass type, or null outside 100..1000 mL.</returns>
    public static GlassType? ForVolume(decimal volumeMl) =>
        volumeMl switch
        {
            < 100 => null,
            <= 300 => GlassType.Half,
            <= 800 => GlassType.Pint,
            <= 1000 => GlassType.Stein,
            _ => null,
        };

    /// <summary>The lower-case name used in JSON and in queries: <c>half</c>, <c>pint</c> or <c>stein</c>.</summary>
    public static string Name(this GlassType glass) =>
        glass switch
        {
            GlassType.Half => "half",
            GlassType.Pint => "pint",
            GlassType.Stein => "stein",
            _ => throw new ArgumentOutOfRangeException(nameof(glass), glass, "Not a glass type."),
        };

    /// <summary>The glass type of a name, exactly as <see cref="Name"/> writes it; null for any other text.</summary>
    public static GlassType? Parse(string? name) =>
        name switch
        {
            "half" => GlassType.Half,
            "pint" => GlassType.Pint,
            "stein" => GlassType.Stein,
            _ => null,
        };
}
