using Dashboard.Web.Board;
using Dashboard.Web.Components.Common;

namespace Dashboard.Web.Tests;

public sealed class SmallPartsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_rolling_count_forgets_what_is_older_than_its_window()
    {
        var count = new RollingCount(TimeSpan.FromSeconds(10), slots: 3);
        count.Add(Noon, Noon);
        count.Add(Noon.AddSeconds(12), Noon.AddSeconds(12));
        count.Add(Noon.AddSeconds(13), Noon.AddSeconds(14));

        Assert.Equal([1, 2, 0], count.At(Noon.AddSeconds(20)));
        Assert.Equal([2, 0, 0], count.At(Noon.AddSeconds(30)));
        Assert.Equal([0, 0, 0], count.At(Noon.AddSeconds(300)));
    }

    [Fact]
    public void A_rolling_count_takes_a_clock_that_is_ahead_for_now_and_leaves_out_the_past()
    {
        var count = new RollingCount(TimeSpan.FromSeconds(10), slots: 3);
        count.Add(Noon.AddSeconds(25), Noon);
        count.Add(Noon.AddSeconds(-40), Noon);

        Assert.Equal([0, 0, 1], count.At(Noon));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("short\nand two lines", "short\nand two lines")]
    [InlineData("1\n2\n3\n4\n5\n6\n7", "1\n2\n3\n4\n5\n6")]
    public void A_text_of_many_lines_is_cut(string text, string excerpt) => Assert.Equal(excerpt, Excerpt.Of(text));

    [Fact]
    public void A_long_text_is_cut_between_characters()
    {
        Assert.Equal(new string('x', 300), Excerpt.Of(new string('x', 301)));
        Assert.Equal(new string('x', 299), Excerpt.Of(new string('x', 299) + "🍺🍺"));
    }

    [Fact]
    public void A_time_has_its_date_on_another_day()
    {
        Assert.Equal("12:00:00", Numbers.Clock(Noon, Noon.AddHours(11)));
        Assert.Equal("2026-05-04 12:00:00", Numbers.Clock(Noon, Noon.AddHours(13)));
    }

    [Theory]
    [InlineData(0, "0.0")]
    [InlineData(473, "0.5")]
    [InlineData(999_940, "999.9")]
    [InlineData(1_234_567, "1\u202f235")]
    public void Volumes_are_shown_in_litres(int volumeMl, string shown) => Assert.Equal(shown, Numbers.Litres(volumeMl));

    [Theory]
    [InlineData(-5, "just now")]
    [InlineData(59, "59 s ago")]
    [InlineData(60, "1 min ago")]
    [InlineData(7200, "2 h ago")]
    [InlineData(200_000, "2 d ago")]
    public void Ages_are_shown_in_the_largest_whole_unit(int seconds, string shown) =>
        Assert.Equal(shown, Numbers.Age(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("http://localhost:18888/traces", "http://localhost:18888/traces/detail/abc")]
    [InlineData("https://example.org/a/traces/", "https://example.org/a/traces/detail/abc")]
    [InlineData("javascript:alert(1)", null)]
    [InlineData(null, null)]
    public void A_trace_is_linked_where_the_Aspire_dashboard_is_known(string? tracesUrl, string? link) =>
        Assert.Equal(link, new DashboardOptions { TracesUrl = tracesUrl is null ? null : new Uri(tracesUrl) }.TraceUrl("abc"));
}
