namespace Taproom.Pours;

/// <summary>Shows the colour of a beer as one of a screen.</summary>
public static class BeerColor
{
    /// <summary>EBC units of one SRM unit.</summary>
    public const decimal EbcPerSrm = 1.97m;

    // What beers of 1 to 40 SRM look like in a glass, as brewing software commonly shows them.
    private static readonly string[] BySrm =
    [
        .. (string[])["ffe699", "ffd878", "ffca5a", "ffbf42", "fbb123", "f8a600", "f39c00", "ea8f00", "e58500", "de7c00"],
        .. (string[])["d77200", "cf6900", "cb6200", "c35900", "bb5100", "b54c00", "b04500", "a63e00", "a13700", "9b3200"],
        .. (string[])["952d00", "8e2900", "882300", "821e00", "7b1a00", "771900", "701400", "6a0e00", "660d00", "5e0b00"],
        .. (string[])["5a0a02", "600903", "520907", "4c0505", "470606", "440607", "3f0708", "3b0607", "3a070b", "36080a"],
    ];

    /// <summary>The colour as CSS writes it, such as <c>#f8a600</c>.</summary>
    /// <param name="ebc">Colour in EBC units, 0 or more.</param>
    public static string Tint(decimal ebc) => $"#{BySrm[(int)Math.Clamp(decimal.Round(ebc / EbcPerSrm), 1, BySrm.Length) - 1]}";
}
