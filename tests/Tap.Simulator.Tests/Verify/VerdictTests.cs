namespace Tap.Simulator.Tests;

public sealed class VerdictTests
{
    private static readonly Guid Good = Guid.NewGuid();
    private static readonly Guid Bad = Guid.NewGuid();
    private static readonly Guid Old = Guid.NewGuid();

    [Fact]
    public void Pours_that_are_stored_or_refused_are_accounted_for()
    {
        var verdict = Verdict.Of(Taps((Good, 1), (Bad, 1)), Taps((Bad, 1)), new HashSet<Guid> { Old }, Stored([Old, Good]));

        Assert.True(verdict.IsGood);
        Assert.Equal(["poured 2, stored 1, refused 1, lost 0, duplicated 0"], verdict.ToLines());
    }

    [Fact]
    public void A_pour_that_is_nowhere_is_lost()
    {
        var verdict = Verdict.Of(Taps((Good, 1)), Taps(), new HashSet<Guid>(), Stored([]));

        Assert.False(verdict.IsGood);
        Assert.Equal(["poured 1, stored 0, refused 0, lost 1, duplicated 0", $"lost: tap 1, pour {Good}"], verdict.ToLines());
    }

    [Fact]
    public void A_beer_that_is_listed_twice_or_that_nobody_poured_is_duplicated()
    {
        var verdict = Verdict.Of(Taps((Good, 1)), Taps(), new HashSet<Guid>(), Stored([Good, Good, Bad]));

        Assert.False(verdict.IsGood);
        Assert.Equal([(1, Good), (1, Bad)], verdict.Duplicated);
    }

    [Fact]
    public void A_pour_under_another_tap_is_not_the_one_that_was_poured() =>
        Assert.False(Verdict.Of(Taps((Good, 2)), Taps(), new HashSet<Guid>(), Stored([Good])).IsGood);

    [Theory]
    [InlineData(null, "on purpose: repeated 3, bad 2")]
    [InlineData(2, "on purpose: repeated 3, bad 2; dead letters 2")]
    public void What_was_done_on_purpose_is_told_and_is_no_loss(int? deadLetters, string expected)
    {
        var verdict = Verdict.Of(Taps((Good, 1)), Taps(), new HashSet<Guid>(), Stored([Good])) with
        {
            Repeated = 3,
            Bad = 2,
            DeadLetters = deadLetters,
        };

        Assert.True(verdict.IsGood);
        Assert.Equal(["poured 1, stored 1, refused 0, lost 0, duplicated 0", expected], verdict.ToLines());
    }

    [Fact]
    public void A_run_without_pours_proves_nothing() => Assert.False(Verdict.Of(Taps(), Taps(), new HashSet<Guid>(), Stored([])).IsGood);

    private static Dictionary<Guid, int> Taps(params (Guid Id, int Tap)[] pours) => pours.ToDictionary(pour => pour.Id, pour => pour.Tap);

    private static Dictionary<int, IReadOnlyList<Guid>> Stored(IReadOnlyList<Guid> ids) => new() { [1] = ids };
}
