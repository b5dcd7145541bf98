namespace Taproom.Tests;

public sealed class RecentSetTests
{
    [Fact]
    public void The_newest_values_are_remembered_and_the_oldest_forgotten()
    {
        var recent = new RecentSet<int>(3);

        Assert.Equal([true, true, false, true, true], new[] { 1, 2, 1, 3, 4 }.Select(recent.Add));

        Assert.Equal([2, 3, 4], Enumerable.Range(1, 4).Where(recent.Contains));
    }
}
