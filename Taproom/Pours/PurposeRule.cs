namespace Taproom.Pours;

/// <summary>Who said of a stored pour what it was for.</summary>
public enum PurposeRule
{
    /// <summary>It was poured while somebody had the tap in cleaning mode.</summary>
    CleaningWindow = 1,

    /// <summary>It was one of several short flows, one after the other, at the end of its keg: that is foam.</summary>
    KegEnd = 2,

    /// <summary>A person, of this pour.</summary>
    Person = 3,
}
