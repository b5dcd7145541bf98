namespace Taproom.Tests;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(1, 0.05, 0.1)]
    [InlineData(2, 0.1, 0.2)]
    [InlineData(4, 0.4, 0.8)]
    [InlineData(8, 5, 10)]
    [InlineData(1_000_000, 5, 10)]
    public void The_pause_doubles_with_each_failure_up_to_the_longest_and_is_spread(int failures, double fromSeconds, double toSeconds)
    {
        var pauses = Enumerable.Range(0, 100).Select(_ => Backoff.After(failures, TimeSpan.FromSeconds(10)).TotalSeconds).ToList();

        Assert.All(pauses, pause => Assert.InRange(pause, fromSeconds, toSeconds));
        Assert.True(pauses.Distinct().Count() > 1);
    }
}
