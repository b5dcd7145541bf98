using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Dashboard.Web.Tests;

/// <summary>What another program writes straight into the stream. <see cref="Fuzz"/> says how to try millions.</summary>
[Collection(nameof(ServersCollection))]
public sealed class FuzzTests(Servers servers)
{
    [Fact]
    public async Task Whatever_is_written_into_the_stream_the_board_goes_on_and_its_pages_are_delivered()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        var keys = dashboard.Services.GetRequiredService<IOptions<IngestOptions>>().Value.StreamKeys();
        var redis = dashboard.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

        await Task.WhenAll(
            Enumerable.Range(0, Fuzz.Count(500)).Select(n => redis.StreamAddAsync(keys[n % keys.Count], FuzzEntries.Broken(Fuzz.Random(n))))
        );

        // Taps of every partition, behind all that is broken.
        var taps = Enumerable.Range(101, 20).ToHashSet();
        foreach (var tap in taps)
        {
            await dashboard.AppendAsync(tapId: tap);
        }

        await Eventually.TrueAsync(
            () => Task.FromResult(taps.IsSubsetOf(dashboard.Board.View().Taps.Where(tap => tap.Pours > 0).Select(tap => tap.TapId))),
            "the board shows what came last"
        );
        using var http = dashboard.CreateClient();
        foreach (var page in (string[])["/", "/messages", "/events"])
        {
            using var response = await http.GetAsync(page);
            Assert.True(response.IsSuccessStatusCode, $"{page}: {response.StatusCode}");
        }
    }
}
