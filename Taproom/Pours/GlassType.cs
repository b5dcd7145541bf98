namespace Taproom.Pours;

/// <summary>The glass that a pour of a given volume fills.</summary>
public enum GlassType
{
    /// <summary>100 to 300 mL, both included.</summary>
    Half = 1,

    /// <summary>Over 300 to 800 mL included.</summary>
    Pint = 2,

    /// <summary>Over 800 to 1000 mL included.</summary>
    Stein = 3,
}
