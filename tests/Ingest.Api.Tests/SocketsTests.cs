using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class SocketsTests(Servers servers)
{
    [Fact]
    public async Task A_listener_hears_of_new_and_deleted_beers_but_a_tap_not_of_its_own()
    {
        using var spans = new RecordedSpans("Ingest.Api", "Taproom.Ingest");
        await using var api = await Api.StartAsync(servers);
        await using var page = await Socket.OpenAsync(api, "/sockets/beers");
        await using var old = await Socket.OpenAsync(api, "/socket/beers");
        await using var tap = await Socket.OpenAsync(api, "/sockets/beers?tap=7");
        await using var oldTap = await Socket.OpenAsync(api, "/socket/beers?tap=7");

        var own = (await api.PourAllAsync((7, 500)))[0];
        var other = (await api.PourAllAsync((8, 500)))[0];
        using var deleted = await api.Admin.DeleteAsync($"/api/beers/{own}");

        foreach (var socket in (Socket[])[page, old])
        {
            Assert.Equal($"Tap with id 7 posted a new beer (id: {own})!", await socket.ReadAsync());
            Assert.Equal($"Tap with id 8 posted a new beer (id: {other})!", await socket.ReadAsync());
            Assert.Equal($"Beer {own} deleted from the collection", await socket.ReadAsync());
        }

        foreach (var socket in (Socket[])[tap, oldTap])
        {
            Assert.Equal($"Tap with id 8 posted a new beer (id: {other})!", await socket.ReadAsync());
            Assert.Equal($"Beer {own} deleted from the collection", await socket.ReadAsync());
        }

        await page.CloseAsync();

        // What is told is in the trace of its pour.
        await Eventually.TrueAsync(
            () =>
                Task.FromResult(
                    spans.Ended.Any(span => span.OperationName == "push pours" && own.ToString().Equals(span.GetTagItem("messaging.message.id")))
                ),
            "it is traced"
        );
        var (push, send) = (spans.Find("push pours", own), spans.Find("send ingest", own));
        Assert.Equal((ActivityKind.Producer, send.TraceId, send.SpanId), (push.Kind, push.TraceId, push.ParentSpanId));
        Assert.Equal("websocket", push.GetTagItem("messaging.system"));
    }

    [Fact]
    public async Task Every_tenth_stored_beer_brings_the_report()
    {
        await using var api = await Api.StartAsync(servers);
        await using var page = await Socket.OpenAsync(api, "/sockets/beers?tap=9");
        await api.PourAllAsync(new[] { 1, 1, 3, 2, 3, 1, 2, 3, 1, 3 }.Select(tap => (tap, 500m)));

        var frames = new List<string?>();
        while (frames.Count < 11)
        {
            frames.Add(await page.ReadAsync());
        }

        Assert.Contains("""{"tap 1":"40.0%","tap 2":"20.0%","tap 3":"40.0%","total beers":10}""", frames);
    }

    [Fact]
    public async Task A_report_of_thirds_has_two_digits_and_covers_full_tens_only()
    {
        await using var api = await Api.StartAsync(servers, ("Ingest:Partitions", "1"));
        await api.StopWorkerAsync();
        for (var n = 0; n < 32; n++)
        {
            await api.PourAsync(tap: n < 30 ? n % 3 + 1 : 5);
        }

        await using var page = await Socket.OpenAsync(api, "/sockets/beers");
        await api.StartWorkerAsync();
        // The newest beers may still be told before it.
        var frame = await page.ReadAsync();
        while (frame!.StartsWith("Tap", StringComparison.Ordinal))
        {
            frame = await page.ReadAsync();
        }

        Assert.Equal("""{"tap 1":"33.33%","tap 2":"33.33%","tap 3":"33.33%","total beers":30}""", frame);
    }

    [Fact]
    public async Task The_stream_is_read_only_while_somebody_listens_who_misses_nothing()
    {
        var redis = new RedisServer();
        await redis.InitializeAsync();
        try
        {
            await using var api = await Api.StartWithoutWorkerAsync(
                servers,
                services => services.AddSingleton<TimeProvider>(new HastyClock()),
                ("ConnectionStrings:redis", redis.ConnectionString)
            );
            await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync("/health")).IsSuccessStatusCode, "the API is ready");
            await api.PourAsync(tap: 3);
            Assert.False((await redis.CommandsAsync()).ContainsKey("xread"));

            for (var n = 0; n < 2; n++)
            {
                await using (var socket = await Socket.OpenAsync(api, "/sockets/beers"))
                {
                    Assert.Equal($"Tap with id 3 posted a new beer (id: {await api.PourAsync(tap: 3)})!", await socket.ReadAsync());
                    Assert.True((await redis.CommandsAsync()).ContainsKey("xread"));
                    await socket.CloseAsync();
                }

                await Eventually.TrueAsync(async () => await redis.BlockedClientsAsync() == 0, "nobody waits for entries");
            }
        }
        finally
        {
            await redis.DisposeAsync();
        }
    }

    [Fact]
    public async Task Every_replica_tells_its_listeners()
    {
        await using var api = await Api.StartAsync(servers);
        await using var replica = api.Sibling();
        await using var here = await Socket.OpenAsync(api, "/sockets/beers");
        await using var there = await Socket.OpenAsync(replica, "/sockets/beers");

        var id = await api.PourAsync(tap: 3);

        Assert.Equal($"Tap with id 3 posted a new beer (id: {id})!", await here.ReadAsync());
        Assert.Equal($"Tap with id 3 posted a new beer (id: {id})!", await there.ReadAsync());
    }

    [Fact]
    public async Task A_page_of_another_origin_may_not_listen_unless_configured()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers, ("Cors:Origins:0", "https://bar.example"));
        await using var configured = await Socket.OpenAsync(api, "/sockets/beers", "https://bar.example");
        await using var own = await Socket.OpenAsync(api, "/sockets/beers", api.Anonymous.BaseAddress!.GetLeftPart(UriPartial.Authority));
        await Assert.ThrowsAsync<WebSocketException>(() => Socket.OpenAsync(api, "/sockets/beers", "https://evil.example"));
        using var plain = await api.Anonymous.GetAsync("/sockets/beers");
        await Api.ProblemAsync(plain, (int)HttpStatusCode.UpgradeRequired);
    }

    [Fact]
    public async Task A_listener_that_does_not_read_is_dropped_and_slows_no_one()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers);
        await using var deaf = await Socket.OpenAsync(api, "/sockets/messages");
        await using var page = await Socket.OpenAsync(api, "/sockets/messages");
        var large = $"\"{new string('x', 60_000)}\"";

        // Together far more than the queue and the buffers of the system hold.
        for (var n = 0; n < 600; n++)
        {
            using var posted = await api.PostAsync("/api/messages", large);
            Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
            Assert.NotNull(await page.ReadAsync());
        }

        await Assert.ThrowsAnyAsync<WebSocketException>(async () =>
        {
            while (await deaf.ReadAsync() is not null) { }
        });
    }

    [Fact]
    public async Task A_burst_drops_no_listener_that_reads()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers);
        await using var page = await Socket.OpenAsync(api, "/sockets/beers");
        using var posted = await api.PostAsync("/api/beers/batch", $"[{string.Join(',', Enumerable.Repeat("""{"tapId":1,"volume":500}""", 1_000))}]");

        for (var n = 0; n < 1_000; n++)
        {
            Assert.NotNull(await page.ReadAsync());
        }
    }
}
