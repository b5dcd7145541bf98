using Microsoft.Extensions.Localization;

namespace Dashboard.Web.Components.Common;

/// <summary>How volumes and temperatures are written for one visitor: in mL, L and °C, or in US fluid ounces, pints and °F. Stored and sent are always mL and °C.</summary>
internal sealed class Units(IStringLocalizer<Texts> texts)
{
    /// <summary>A US pint in mL.</summary>
    public const decimal MlPerPint = 16 * MlPerOunce;

    private const decimal MlPerOunce = 29.5735295625m;
    private const decimal MlPerGallon = 8 * MlPerPint;
    private const decimal GPerPound = 453.59237m;

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

    /// <summary>What one of <see cref="KegUnit"/> is, in mL.</summary>
    public decimal KegUnitMl => AreUs ? MlPerPint : 1000;

    /// <summary>What one of the unit of <see cref="Size"/> is, in mL: a litre or a US gallon.</summary>
    public decimal SizeUnitMl => AreUs ? MlPerGallon : 1000;

    /// <summary>What one of the unit of weights is, in g: a kilogram or a pound.</summary>
    public decimal WeightUnitG => AreUs ? GPerPound : 1000;

    /// <summary>A usual size of a keg, in its unit, for a form.</summary>
    public string UsualSize => AreUs ? "15.5" : "30";

    /// <summary>Label of a field for the size of a keg.</summary>
    public string SizeLabel => AreUs ? texts["Size in US gallons"] : texts["Size in litres"];

    /// <summary>Label of a field for the weight of an empty keg.</summary>
    public string TareLabel => AreUs ? texts["Empty weight in lb"] : texts["Empty weight in kg"];

    /// <summary>What fits into a glass: in mL with the decimals that it has, at most one, or in ounces with one; an ellipsis while it is not known.</summary>
    public string Glass(decimal? volumeMl) =>
        volumeMl is not { } volume ? "…"
        : AreUs ? (volume / MlPerOunce).ToString("N1", Languages.Current)
        : volume.ToString("#,0.#", Languages.Current);

    /// <summary>What fits into a keg: in litres or pints, with one decimal below a thousand.</summary>
    public string Keg(decimal volumeMl)
    {
        var volume = volumeMl / KegUnitMl;
        return volume.ToString(volume < 1000 ? "N1" : "N0", Languages.Current);
    }

    /// <summary>Unit of <see cref="Degrees"/>.</summary>
    public string DegreesUnit => AreUs ? "°F" : "°C";

    /// <summary>A temperature in degrees Celsius or Fahrenheit, with one decimal.</summary>
    public string Degrees(decimal celsius) => (AreUs ? (celsius * 9 / 5) + 32 : celsius).ToString("0.0", Languages.Current);

    /// <summary>The same with its unit.</summary>
    public string Temperature(decimal celsius) => $"{Degrees(celsius)} {DegreesUnit}";

    /// <summary>A volume as <see cref="Keg"/> has it, with two decimals and its unit, where little matters.</summary>
    public string Exact(decimal volumeMl) => $"{(volumeMl / KegUnitMl).ToString("N2", Languages.Current)} {KegUnit}";

    /// <summary>The size of a keg with its unit, litres or US gallons, with the decimals that it has, at most three.</summary>
    public string Size(decimal sizeMl) => $"{(sizeMl / SizeUnitMl).ToString("#,0.###", Languages.Current)} {(AreUs ? "gal" : "L")}";
}
