namespace Benchmarks.Tests;

public sealed class SmokeTests(SmokeRun run) : IClassFixture<SmokeRun>
{
    [Theory]
    [InlineData("ceilings")]
    [InlineData("edge")]
    [InlineData("store")]
    [InlineData("line")]
    [InlineData("http")]
    [InlineData("screen")]
    [InlineData("page")]
    [InlineData("idle")]
    [InlineData("taps")]
    [InlineData("growth")]
    public async Task A_case_of_the_bench_measures_in_small_what_it_measures_at_large(string name)
    {
        var figures = await run.FiguresAsync(name);

        Assert.NotEmpty(figures);
        Assert.All(figures.Values, rounds => Assert.All(rounds, value => Assert.True(double.IsFinite(value) && value >= 0, $"{value}")));
        Assert.Contains(figures.Values, rounds => rounds.Sum() > 0);
    }
}
