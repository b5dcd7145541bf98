using Testing;

namespace Taproom.Tests;

public sealed class ArrowsTests
{
    [Fact]
    public void Folders_know_each_other_one_way_only() => Assert.Empty(Arrows.Faults(typeof(Backoff).Assembly));
}
