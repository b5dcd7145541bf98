using System.Globalization;
using System.Net;
using Dashboard.Web.Access;
using Dashboard.Web.Board;
using Dashboard.Web.Components.Common;
using ServiceDefaults;
using Taproom.Signals;

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
    [InlineData("America/New_York", "0001-01-01T00:00:00Z", "0001-01-01 00:00:00")]
    [InlineData("Europe/Berlin", "9999-12-31T23:30:00Z", "9999-12-31 23:59:59")]
    [InlineData("Asia/Kathmandu", "2026-05-04T06:15:00Z", "12:00:00")]
    [InlineData("Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29 01:59:59")]
    [InlineData("Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29 03:00:00")]
    [InlineData("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25 02:30:00")]
    [InlineData("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25 02:30:00")]
    [InlineData("No/Where", "2026-05-04T06:15:00Z", "06:15:00")]
    [InlineData("../../etc/passwd", "2026-05-04T06:15:00Z", "06:15:00")]
    [InlineData(null, "2026-05-04T06:15:00Z", "06:15:00")]
    public void A_time_is_that_of_the_visitors_zone_on_that_day_and_no_time_is_too_early_or_late(string? zone, string at, string shown)
    {
        var visit = new Visit(new BoardView(Noon, BoardState.Live, [], [], [], [], [], 0, []), Visit.ZoneOf(zone), OpenedAt: null);
        var moment = DateTimeOffset.Parse(at, CultureInfo.InvariantCulture);

        Assert.Equal(shown, visit.Clock(moment));
        Assert.NotEmpty(visit.Moment(moment));
    }

    [Fact]
    public void An_hour_that_comes_twice_is_told_apart_by_its_offset()
    {
        var visit = new Visit(new BoardView(Noon, BoardState.Live, [], [], [], [], [], 0, []), Visit.ZoneOf("Europe/Berlin"), OpenedAt: null);

        Assert.Equal("2026-10-25 02:30:00 +02:00", visit.Moment(new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero)));
        Assert.Equal("2026-10-25 02:30:00 +01:00", visit.Moment(new DateTimeOffset(2026, 10, 25, 1, 30, 0, TimeSpan.Zero)));
    }

    [Fact]
    public async Task A_page_shows_the_answer_to_what_was_asked_last_does_nothing_twice_and_nothing_more_when_its_visitor_has_left()
    {
        var page = new Page();
        var (slow, sent) = (new TaskCompletionSource<string>(), new TaskCompletionSource<ApiAnswer<string>>());
        var first = page.AskAsync("first", slow.Task);
        Assert.True(await page.AskAsync("second", Task.FromResult("answer to the second")));
        slow.SetResult("answer to the first");
        Assert.False(await first);
        Assert.Equal(["answer to the second"], page.Shown);

        var click = page.SendAsync(sent.Task);
        Assert.False(await page.SendAsync(sent.Task));
        page.Dispose();
        // What is asked for when something was done asks with this.
        Assert.True(page.IsLeft);
        sent.SetResult(new(HttpStatusCode.OK, "done", ETag: null, Problem: null, Next: null));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => click);
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(false, 1, false)]
    [InlineData(null, null, false)]
    [InlineData(null, 299, true)]
    [InlineData(null, 301, false)]
    public void A_tap_that_was_never_connected_is_online_for_five_minutes_after_a_pour(bool? isConnected, int? pouredSecondsAgo, bool online) =>
        Assert.Equal(online, TapPresence.IsOnline(isConnected, pouredSecondsAgo is { } ago ? Noon.AddSeconds(-ago) : null, Noon));

    [Theory]
    [InlineData("http://localhost:18888/traces", "http://localhost:18888/traces/detail/abc")]
    [InlineData("https://example.org/a/traces/", "https://example.org/a/traces/detail/abc")]
    [InlineData("javascript:alert(1)", null)]
    [InlineData(null, null)]
    public void A_trace_is_linked_where_the_Aspire_dashboard_is_known(string? tracesUrl, string? link) =>
        Assert.Equal(link, new TraceLinkOptions { TracesUrl = tracesUrl is null ? null : new Uri(tracesUrl) }.TraceUrl("abc"));

    private sealed class Page : ActingComponent
    {
        public Page() => Time = TimeProvider.System;

        public List<string> Shown { get; } = [];

        public bool IsLeft => Leaving.IsCancellationRequested;

        public Task<bool> AskAsync(string about, Task<string> answer)
        {
            Assert.True(ShouldAsk(about, needsClock: false));
            return QueryAsync(() => answer, Shown.Add, "Postgres is away");
        }

        public Task<bool> SendAsync(Task<ApiAnswer<string>> answer) => DoAsync(() => answer, said => said);
    }
}
