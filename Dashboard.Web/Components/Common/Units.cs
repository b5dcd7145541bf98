using Microsoft.Extensions.Localization;

namespace Dashboard.Web.Components.Common;

/// <summary>How volumes are written for one visitor: in mL and L, or in US fluid ounces and pints. Stored and sent are always mL.</summary>
internal sealed class Units(IStringLocalizer<Texts> texts)
{
    private const decimal MlPerOunce = 29.5735295625m;
    private const decimal MlPerPint = 16 * MlPerOunce;

    /// <summary>Whether they are US units; chosen before the first component of the visitor is drawn.</summary>
    public bool AreUs { get; set; }

    /// <summary>Unit of <see cref="Glass"/>.</summary>
    public string GlassUnit => AreUs ? "fl oz" : "mL";

    /// <summary>The same in words, as it is read aloud.</summary>
    public string GlassUnitName => AreUs ? texts["fluid ounces"] : texts["millilitres"];

    /// <summary>Unit of <see cref="Keg"/>.</summary>
    public string KegUnit => AreUs ? "pt" : "L";

    /// <summary>The same in words, as a label.</summary>
    public string KegUnitName => AreUs ? texts["US pints"] : texts["Litres"];

    /// <summary>What fits into a glass: in mL with the decimals that it has, at most one, or in ounces with one; an ellipsis while it is not known.</summary>
    public string Glass(decimal? volumeMl) =>
        volumeMl is not { } volume ? "…"
        : AreUs ? (volume / MlPerOunce).ToString("N1", Languages.Current)
        : volume.ToString("#,0.#", Languages.Current);

    /// <summary>What fits into a keg: in litres or pints, with one decimal below a thousand.</summary>
    public string Keg(decimal volumeMl)
    {
        var volume = volumeMl / (AreUs ? MlPerPint : 1000);
        return volume.ToString(volume < 1000 ? "N1" : "N0", Languages.Current);
    }

    /// <summary>The same with two decimals and its unit, where little matters.</summary>
    public string Exact(decimal volumeMl) => $"{(volumeMl / (AreUs ? MlPerPint : 1000)).ToString("N2", Languages.Current)} {KegUnit}";
}
