using Taproom.Taps;

namespace Taproom.Tests;

public sealed class KeptTokensTests
{
    private static readonly DateTimeOffset Until = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte[] New = TapTokens.Hash("7.new");
    private static readonly byte[] Old = TapTokens.Hash("7.old");

    [Fact]
    public void The_token_before_is_valid_until_its_time_and_no_other_is()
    {
        var kept = new KeptTokens(New, Old, Until);

        Assert.True(kept.Match(New, Until));
        Assert.True(kept.Match(Old, Until.AddMilliseconds(-1)));
        Assert.False(kept.Match(Old, Until));
        Assert.False(kept.Match(TapTokens.Hash("7.other"), Until.AddHours(-1)));
        Assert.False(new KeptTokens(New).Match(Old, Until));
    }

    [Fact]
    public void What_Redis_has_of_them_is_read_again_as_it_was()
    {
        Assert.Equal(New, new KeptTokens(New).ToBytes());
        Assert.Null(KeptTokens.Read(New)!.Previous);
        var both = KeptTokens.Read(new KeptTokens(New, Old, Until).ToBytes())!;
        Assert.Equal([New, Old], [both.Current, both.Previous!]);
        Assert.Equal(Until, both.PreviousUntil);
        Assert.Null(KeptTokens.Read(null));
    }
}
