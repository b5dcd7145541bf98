namespace Dashboard.Web.Components.Kegboards;

/// <summary>A Kegboard as the API shows it.</summary>
/// <param name="Device">Its name.</param>
/// <param name="State"><c>pending</c>, <c>allowed</c> or <c>denied</c>.</param>
/// <param name="Taps">The tap of each of its meters, from meter 0.</param>
/// <param name="Asks">Whether it asks to be let in, for the first time or again.</param>
/// <param name="LastSeen">When it was heard of last.</param>
/// <param name="Address">The address that it came from last, or null.</param>
/// <param name="EventsDropped">How many events it had to drop.</param>
public sealed record KegboardView(
    string Device,
    string State,
    IReadOnlyList<int> Taps,
    bool Asks,
    DateTimeOffset LastSeen,
    string? Address,
    long EventsDropped
);
