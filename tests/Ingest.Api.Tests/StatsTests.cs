using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class StatsTests(Servers servers)
{
    [Fact]
    public async Task Totals_by_tap_type_and_hour_follow_pours_and_deletions()
    {
        await using var api = await Api.StartAsync(servers);
        var none = await api.GetAsync("/api/stats");
        Assert.Equal((0, 0), (none.GetProperty("pours").GetInt32(), none.GetProperty("taps").GetArrayLength()));
        var ids = await api.PourAllAsync((1, 250), (1, 500), (2, 900), (2, 100.5m));
        using var deleted = await api.Admin.DeleteAsync($"/api/beers/{ids[2]}");

        var stats = await api.GetAsync("/api/stats");
        Assert.Equal((3, 850.5m), (stats.GetProperty("pours").GetInt32(), stats.GetProperty("volumeMl").GetDecimal()));
        Assert.Equal(
            [(1, 2, 750m, "66.67%"), (2, 1, 100.5m, "33.33%")],
            stats
                .GetProperty("taps")
                .EnumerateArray()
                .Select(tap =>
                    (
                        tap.GetProperty("id").GetInt32(),
                        tap.GetProperty("pours").GetInt32(),
                        tap.GetProperty("volumeMl").GetDecimal(),
                        tap.GetProperty("share").GetString()!
                    )
                )
        );
        Assert.Equal(
            [("half", 2), ("pint", 1)],
            stats.GetProperty("types").EnumerateArray().Select(type => (type.GetProperty("type").GetString()!, type.GetProperty("pours").GetInt32()))
        );

        var hours = (await api.GetAsync("/api/stats/hourly")).GetProperty("hours").EnumerateArray().ToList();
        Assert.Equal(3, hours.Sum(hour => hour.GetProperty("pours").GetInt32()));
        Assert.All(hours, hour => Assert.EndsWith(":00:00Z", hour.GetProperty("hour").GetString()));
        Assert.Empty((await api.GetAsync("/api/stats/hourly?to=2020-01-01")).GetProperty("hours").EnumerateArray());
    }
}
