using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Signals;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>Which taps are online, with several bridges.</summary>
[Collection(nameof(RedisCollection))]
public sealed class PresenceTests(RedisServer redis)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tap_with_connections_to_two_bridges_stays_online_when_one_of_them_ends(bool olderEnds)
    {
        await using var a = await TestBridge.StartAsync(redis);
        await using var b = await a.StartBesideAsync();
        var presence = a.Get<TapPresence>();
        using var older = await RawTap.ConnectAsync(a.Port, 5, 7);
        await Eventually.TrueAsync(() => IsOnlineAsync(presence), "it is online by the first");
        using var newer = await RawTap.ConnectAsync(b.Port, 5, 7);
        var (database, key) = (a.Get<IConnectionMultiplexer>().GetDatabase(), a.Get<IOptions<IngestOptions>>().Value.PresenceKey);
        await Eventually.TrueAsync(async () => $"{await database.HashGetAsync(key, 7)}".Contains(';', StringComparison.Ordinal), "and by the second");

        (olderEnds ? older : newer).Dispose();

        await Eventually.TrueAsync(() => Task.FromResult((olderEnds ? a : b).Connected == 0), "one connection is gone");
        Assert.True(await IsOnlineAsync(presence));
        (olderEnds ? newer : older).Dispose();
        await Eventually.TrueAsync(async () => !await IsOnlineAsync(presence), "it is offline with its last one");
    }

    [Fact]
    public async Task Bridges_are_known_from_their_start_until_their_end()
    {
        await using var a = await TestBridge.StartAsync(redis);
        var line = a.Get<IngestLine>();
        await using (await a.StartBesideAsync())
        {
            await Eventually.TrueAsync(async () => (await line.ReadAsync()).Bridges.Distinct().Count() == 2, "both are there");
        }

        Assert.Single((await line.ReadAsync()).Bridges);
    }

    private static async Task<bool> IsOnlineAsync(TapPresence presence) => (await presence.OnlineAsync([7])).Count == 1;
}
