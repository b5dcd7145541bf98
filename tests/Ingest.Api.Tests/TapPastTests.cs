using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Signals;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>What a tap read, and when it came and went.</summary>
[Collection(nameof(ServersCollection))]
public sealed class TapPastTests(Servers servers)
{
    [Fact]
    public async Task Readings_are_listed_newest_first_as_they_came_page_by_page_and_by_time()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        await api.PostAsync("/api/taps", $$"""{"id":{{tap}},"name":"Bar"}""");
        await api.ExecuteAsync(
            $$"""
            INSERT INTO readings (id, device, received_at, body) SELECT gen_random_uuid(), device, '2026-03-01T12:00:00Z'::timestamptz + n * interval '1 hour',
            '{"temperatureC":' || n || '.50}' FROM unnest(ARRAY['{{tap}}', '{{tap}}7', 'meter:{{tap}}']) AS device, generate_series(0, 4) AS n ORDER BY n
            """
        );

        using var first = await api.Anonymous.GetAsync($"/api/taps/{tap}/readings?page_size=2");
        var readings = (await Api.ReadAsync(first)).GetProperty("readings");
        Assert.Equal(["""{"temperatureC":4.50}""", """{"temperatureC":3.50}"""], readings.EnumerateArray().Select(BodyOf));
        Assert.Equal("2026-03-01T16:00:00Z", readings[0].GetProperty("receivedAt").GetString());
        Assert.Equal([2, 2, 1], (await api.PagesAsync($"/api/taps/{tap}/readings?page_size=2")).Counts);

        var range = $"/api/taps/{tap}/readings?from=2026-03-01T13:00:00Z&to=2026-03-01T15:00:00Z";
        Assert.Equal(
            ["""{"temperatureC":2.50}""", """{"temperatureC":1.50}"""],
            (await api.GetAsync(range)).GetProperty("readings").EnumerateArray().Select(BodyOf)
        );
        Assert.Equal([1, 1], (await api.PagesAsync($"{range}&page_size=1")).Counts);
        Assert.Equal(0, (await api.GetAsync($"/api/taps/{tap}/readings?from=2027-01-01")).GetProperty("readings").GetArrayLength());
        foreach (
            var (path, status) in (IEnumerable<(string, int)>)
                [($"{tap}/readings?from=noon", 400), ($"{tap}/readings?after=x", 400), ($"{Api.NewTap()}/readings", 404)]
        )
        {
            using var refused = await api.Anonymous.GetAsync($"/api/taps/{path}");
            await Api.ProblemAsync(refused, status);
        }
    }

    [Fact]
    public async Task The_history_of_connections_has_each_coming_and_going_once_also_when_bridges_were_killed()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":7,"name":"Bar"}""");
        Assert.Empty(await ChangesAsync(api));

        // Two bridges have it, one after the other and together; what they repeat is no change.
        var (evening, start) = (DateTimeOffset.Parse("2026-03-01T20:00:00Z", null), TimeSpan.Zero);
        var (a, b) = (At(api, evening, () => start), At(api, evening, () => start));
        async Task StepAsync(int seconds, Func<Task> step)
        {
            start = TimeSpan.FromSeconds(seconds);
            await step();
        }

        await StepAsync(0, () => a.ConnectedAsync([7, 8]));
        await StepAsync(10, () => a.ConnectedAsync([7, 8]));
        await StepAsync(12, () => b.ConnectedAsync([7]));
        await StepAsync(14, () => a.DisconnectedAsync(7));
        await StepAsync(16, () => b.DisconnectedAsync(7));
        await StepAsync(17, () => b.DisconnectedAsync(7));
        await StepAsync(18, () => a.ConnectedAsync([7]));
        // Both are killed: the tap went when it was heard of last, and nobody was there to write that down.
        Assert.Equal(["offline 20:00:18", "online 20:00:18", "offline 20:00:16", "online 20:00:00"], await ChangesAsync(api));
        await StepAsync(900, () => b.ConnectedAsync([7]));
        await StepAsync(901, () => b.DisconnectedAsync(7));
        Assert.Equal(
            ["offline 20:15:01", "online 20:15:00", "offline 20:00:18", "online 20:00:18", "offline 20:00:16", "online 20:00:00"],
            await ChangesAsync(api)
        );
        Assert.Equal(["online 20:15:00"], await ChangesAsync(api, "?from=2026-03-01T20:15:00Z&to=2026-03-01T20:15:01Z"));

        // It is bounded, and gone with the tap.
        for (var i = 0; i < TapPresence.MaxChanges; i++)
        {
            await StepAsync(1_000 + i, () => i % 2 == 0 ? b.ConnectedAsync([7]) : b.DisconnectedAsync(7));
        }

        Assert.Equal(TapPresence.MaxChanges, (await ChangesAsync(api)).Count);
        using var removed = await api.Admin.DeleteAsync("/api/taps/7");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var gone = await api.Anonymous.GetAsync("/api/taps/7/connections");
        await Api.ProblemAsync(gone, 404);
        await api.PostAsync("/api/taps", """{"id":7,"name":"Bar"}""");
        Assert.Empty(await ChangesAsync(api));

        // What no bridge wrote is passed over.
        var key = $"{{{api.Services.GetRequiredService<IOptions<IngestOptions>>().Value.PresenceKey}}}:7";
        await api
            .Services.GetRequiredService<IConnectionMultiplexer>()
            .GetDatabase()
            .ListLeftPushAsync(key, ["1=1", "soon", "2=5", "1=99999999999999999999", "0=999999999999999999", "1=1772395200000"]);
        Assert.Equal(2, (await ChangesAsync(api)).Count);
        using var wrong = await api.Anonymous.GetAsync("/api/taps/7/connections?to=noon");
        await Api.ProblemAsync(wrong, 400);
    }

    private static TapPresence At(Api api, DateTimeOffset begin, Func<TimeSpan> passed) =>
        new(
            api.Services.GetRequiredService<IConnectionMultiplexer>(),
            api.Services.GetRequiredService<IOptions<IngestOptions>>(),
            new Clock(begin, passed)
        );

    private static async Task<List<string>> ChangesAsync(Api api, string query = "") =>
        [
            .. (await api.GetAsync($"/api/taps/7/connections{query}"))
                .GetProperty("connections")
                .EnumerateArray()
                .Select(change => $"{change.GetProperty("status").GetString()} {change.GetProperty("at").GetDateTimeOffset():HH:mm:ss}"),
        ];

    private static string BodyOf(JsonElement reading) => reading.GetProperty("reading").GetRawText();

    private sealed class Clock(DateTimeOffset begin, Func<TimeSpan> passed) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => begin + passed();
    }
}
