using Testing;

namespace Distributed.Tests.Faults;

[Trait("Category", "Faults")]
public sealed class RedisFaultTests
{
    [Fact]
    public async Task What_a_Redis_that_syncs_once_a_second_has_lost_comes_again_from_taps_that_wait_for_receipts()
    {
        var redis = new RedisServer { AppendFsync = "everysec" };
        await using var run = await SmallRun.StartAsync(onlyReceipts: true, redis);
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
}
