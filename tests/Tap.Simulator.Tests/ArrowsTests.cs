using Testing;

namespace Tap.Simulator.Tests;

public sealed class ArrowsTests
{
    [Fact]
    public void Folders_are_namespaces_and_know_each_other_in_one_direction() => Assert.Empty(Arrows.Faults(typeof(TapFleet).Assembly));
}
