namespace Taproom.Pours;

/// <summary>The scale of volumes: 0.001 mL, finer than any flow meter and the same everywhere, so that sums of them are exact.</summary>
public static class Volumes
{
    /// <summary>Rounds a volume in mL, half to even.</summary>
    public static decimal Round(decimal volumeMl) => decimal.Round(volumeMl, 3, MidpointRounding.ToEven);
}
