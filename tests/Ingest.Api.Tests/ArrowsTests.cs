using Testing;

namespace Ingest.Api.Tests;

public sealed class ArrowsTests
{
    [Fact]
    public void Folders_know_each_other_one_way_only() => Assert.Empty(Arrows.Faults(typeof(Program).Assembly));
}
