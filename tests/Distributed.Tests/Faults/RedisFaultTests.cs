using StackExchange.Redis;
using Testing;

namespace Distributed.Tests.Faults;

[Trait("Category", "Faults")]
public sealed class RedisFaultTests
{
    [Fact]
    public async Task A_Redis_whose_memory_is_full_holds_the_taps_back_until_there_is_room()
    {
        await using var run = await SmallRun.StartAsync();
        // At the limit now: what the workers free makes room for a few pours again and again.
        var used = (await run.Entries.Redis.ExecuteAsync("INFO", "memory")).ToString()!.Split("used_memory:")[1].Split('\r')[0];
        await run.Entries.Redis.ExecuteAsync("CONFIG", "SET", "maxmemory", used);
        await Eventually.TrueAsync(async () => await HealthAsync(run) == "Degraded", "the API says that nothing new is accepted");

        await run.Entries.Redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        await run.Entries.SomeAsync();

        await run.AssertNothingLostAsync();
    }

    [Fact]
    public async Task What_a_Redis_that_syncs_once_a_second_has_lost_comes_again_from_taps_that_wait_for_receipts()
    {
        var redis = new RedisServer { AppendFsync = "everysec" };
        await using var run = await SmallRun.StartAsync(receipts: true, redis);
        var worker = run.Taproom.Named("consumer-worker").Single();
        // What is lost must not be stored yet.
        await worker.PauseAsync();
        var kept = new FileInfo(Directory.GetFiles(redis.AppendOnlyPath, "*.incr.aof").Single());
        var size = kept.Length;
        await run.Entries.SomeAsync();

        // As after a power cut: what was not synced is not in the file, whose end may be half a command.
        await redis.KillAsync();
        using (var file = kept.Open(FileMode.Open))
        {
            Assert.True(file.Length > size, "something is lost");
            file.SetLength(size);
        }

        await redis.StartAsync();
        await worker.ResumeAsync();

        await run.AssertNothingLostInPostgresAsync();
    }

    private static async Task<string> HealthAsync(SmallRun run)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync($"http://127.0.0.1:{run.Taproom.Api.Port}/health");
    }
}
