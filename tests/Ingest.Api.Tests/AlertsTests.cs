using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class AlertsTests(Servers servers)
{
    [Fact]
    public async Task Alerts_are_listed_newest_first_by_kind_and_by_whether_they_are_open_page_by_page()
    {
        // Before the worker looks and ends what is not so.
        await using var api = await Api.StartAsync(servers, ("Alerts:Interval", "00:05:00"));
        await api.ExecuteAsync(
            """
            INSERT INTO alerts (id, kind, subject, message, data, began_at, ended_at, end_id, begin_told, end_told)
            SELECT gen_random_uuid(), CASE WHEN n % 2 = 0 THEN 'keg-low' ELSE 'tap-offline' END, n::text, 'Alert ' || n, '{"n":' || n || '}',
                timestamptz '2026-11-29 20:00Z' + n * interval '1 minute', CASE WHEN n < 3 THEN now() END, gen_random_uuid(), true, true
            FROM generate_series(1, 6) AS n
            """
        );

        Assert.Equal([6, 5, 4, 3, 2, 1], Numbers(await api.GetAsync("/api/alerts")));
        Assert.Equal([6, 4], Numbers(await api.GetAsync("/api/alerts?open=true&kind=keg-low")));
        Assert.Equal([2, 1], Numbers(await api.GetAsync("/api/alerts?open=false")));
        using var first = await api.Anonymous.GetAsync("/api/alerts?page_size=4");
        Assert.Equal([6, 5, 4, 3], Numbers(await Api.ReadAsync(first)));
        Assert.Equal([2, 1], Numbers(await api.GetAsync(Api.NextOf(first)!)));
        using var bad = await api.Anonymous.GetAsync("/api/alerts?open=perhaps");
        await Api.ProblemAsync(bad, 400);

        var newest = (await api.GetAsync("/api/alerts")).GetProperty("alerts")[0];
        Assert.Equal(("keg-low", "6", "Alert 6"), (Text("kind"), Text("subject"), Text("message")));
        Assert.Equal("2026-11-29T20:06:00Z", Text("beganAt"));
        Assert.Equal(JsonValueKind.Null, newest.GetProperty("endedAt").ValueKind);

        string? Text(string name) => newest.GetProperty(name).GetString();
    }

    private static List<int> Numbers(JsonElement list) =>
        [.. list.GetProperty("alerts").EnumerateArray().Select(alert => alert.GetProperty("data").GetProperty("n").GetInt32())];
}
