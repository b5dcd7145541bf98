namespace Taproom.Pours;

/// <summary>What a pour was for. All of them left the keg.</summary>
public enum Purpose
{
    /// <summary>It was sold, as far as anybody has said.</summary>
    Sale = 0,

    /// <summary>It cleaned or flushed the line.</summary>
    Cleaning = 1,

    /// <summary>It was foam, and poured away.</summary>
    Foam = 2,

    /// <summary>It was spilt.</summary>
    Spill = 3,

    /// <summary>It was given to taste.</summary>
    Taster = 4,
}
