using System.Globalization;

namespace Tap.Simulator.Verify;

/// <summary>What became of the pours of a verified run.</summary>
/// <param name="Poured">Pours of the taps.</param>
/// <param name="Stored">Of these, how many the API has.</param>
/// <param name="Refused">Of these, how many the bridge has refused and set aside.</param>
/// <param name="Lost">Of these, those that are neither.</param>
/// <param name="Duplicated">Beers of the taps in the API that nobody has poured, or that it has more than once.</param>
internal sealed record Verdict(
    int Poured,
    int Stored,
    int Refused,
    IReadOnlyList<(int TapId, Guid Id)> Lost,
    IReadOnlyList<(int TapId, Guid Id)> Duplicated
)
{
    /// <summary>How many pours were sent again on purpose.</summary>
    public int Repeated { get; init; }

    /// <summary>How many messages were sent on purpose that must not be stored.</summary>
    public int Bad { get; init; }

    /// <summary>How many dead letters of the taps the run has left; null when nobody may list them.</summary>
    public int? DeadLetters { get; init; }

    /// <summary>Whether every pour is accounted for, once; a run without pours proves nothing.</summary>
    public bool IsGood => Poured > 0 && Lost.Count == 0 && Duplicated.Count == 0;

    /// <summary>Compares.</summary>
    /// <param name="poured">The tap of each pour, by id.</param>
    /// <param name="refused">The tap of each refused pour, by id.</param>
    /// <param name="before">Ids of beers that the API had before the run.</param>
    /// <param name="stored">The beers of each tap that the API has.</param>
    public static Verdict Of(
        IReadOnlyDictionary<Guid, int> poured,
        IReadOnlyDictionary<Guid, int> refused,
        IReadOnlySet<Guid> before,
        IReadOnlyDictionary<int, IReadOnlyList<Guid>> stored
    )
    {
        var seen = new HashSet<Guid>();
        var duplicated = new List<(int, Guid)>();
        foreach (var (tapId, id) in stored.SelectMany(tap => tap.Value, (tap, id) => (tap.Key, id)))
        {
            if (!seen.Add(id) || !(before.Contains(id) || (poured.TryGetValue(id, out var pouredBy) && pouredBy == tapId)))
            {
                duplicated.Add((tapId, id));
            }
        }

        return new Verdict(
            poured.Count,
            poured.Keys.Count(seen.Contains),
            refused.Count,
            [.. poured.Where(pour => !seen.Contains(pour.Key) && !refused.ContainsKey(pour.Key)).Select(pour => (pour.Value, pour.Key))],
            duplicated
        );
    }

    /// <summary>The summary, and a line for each pour that is not as it should be.</summary>
    public IEnumerable<string> ToLines() =>
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"poured {Poured}, stored {Stored}, refused {Refused}, lost {Lost.Count}, duplicated {Duplicated.Count}"
            ),
            .. Repeated + Bad > 0 ? (string[])[OnPurpose()] : [],
            .. Lost.Select(pour => Line("lost", pour)),
            .. Duplicated.Select(pour => Line("duplicated", pour)),
        ];

    private string OnPurpose() =>
        string.Create(CultureInfo.InvariantCulture, $"on purpose: repeated {Repeated}, bad {Bad}")
        + (DeadLetters is { } letters ? string.Create(CultureInfo.InvariantCulture, $"; dead letters {letters}") : "");

    private static string Line(string what, (int TapId, Guid Id) pour) =>
        string.Create(CultureInfo.InvariantCulture, $"{what}: tap {pour.TapId}, pour {pour.Id}");
}
