using Dashboard.Web.Board;
using Testing;

namespace Dashboard.Web.Tests;

public sealed class ArrowsTests
{
    [Fact]
    public void Folders_know_each_other_one_way_only() => Assert.Empty(Arrows.Faults(typeof(LiveBoard).Assembly));
}
