using Taproom;

namespace Dashboard.Web.Push;

/// <summary>The taps that a listener follows: at first all. Safe for concurrent use.</summary>
internal sealed class FollowedTaps
{
    private const int RememberedPours = 10_000;

    // Of a listener that follows some; of their pours it is to be told that they are stored.
    private readonly RecentSet<Guid> _taken = new(RememberedPours);
    private volatile IReadOnlySet<int>? _taps;

    /// <summary>Whether it follows all.</summary>
    public bool All => _taps is null;

    /// <summary>Follows these taps from now on; null for all.</summary>
    public void Set(IReadOnlySet<int>? taps) => _taps = taps;

    /// <summary>Whether a pour is for the listener; then it is remembered that it was.</summary>
    public bool Takes(PourFrame pour)
    {
        if (_taps is not { } taps)
        {
            return true;
        }

        if (!taps.Contains(pour.TapId))
        {
            return false;
        }

        _taken.Add(pour.Id);
        return true;
    }

    /// <summary>Whether a pour was for the listener, as far back as it is remembered.</summary>
    public bool HasTaken(Guid id) => _taken.Contains(id);
}
