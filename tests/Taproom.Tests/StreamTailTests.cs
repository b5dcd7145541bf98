using System.Threading.Channels;
using Taproom.Ingest;
using Testing;

namespace Taproom.Tests;

[Collection(nameof(RedisCollection))]
public sealed class StreamTailTests(RedisServer redis)
{
    private readonly Channel<Guid> _seen = Channel.CreateUnbounded<Guid>();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_live_reader_begins_at_the_end_and_sees_what_comes_in_order()
    {
        await using var stream = new Stream(redis);
        using var end = new CancellationTokenSource();
        await stream.AppendAsync();
        var following = FollowAsync(stream, end.Token);
        await _connected.Task;

        List<Guid> appended = [await stream.AppendAsync(), await stream.AppendAsync()];

        Assert.Equal<IEnumerable<Guid>>(appended, [await NextAsync(), await NextAsync()]);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    [Fact]
    public async Task A_live_reader_goes_on_after_Redis_was_away_and_after_an_entry_that_it_could_not_take()
    {
        await using var stream = new Stream(redis);
        using var end = new CancellationTokenSource();
        var interruptions = 0;
        var first = true;
        var following = stream
            .Get<StreamTail>()
            .FollowAsync(
                async (delivery, _) =>
                {
                    await _seen.Writer.WriteAsync(delivery.Entry!.Id, CancellationToken.None);
                    if (first)
                    {
                        first = false;
                        throw new InvalidOperationException("One entry is too much.");
                    }
                },
                interrupted: () => interruptions++,
                withWaiting: true,
                cancellationToken: end.Token
            );

        List<Guid> appended = [await stream.AppendAsync(), await stream.AppendAsync()];
        Assert.Equal<IEnumerable<Guid>>(appended, [await NextAsync(), await NextAsync()]);
        await redis.StopAsync();
        await redis.StartAsync();
        await Eventually.TrueAsync(async () => await Record.ExceptionAsync(() => stream.Redis.PingAsync()) is null, "Redis is back");
        var last = await stream.AppendAsync();

        Assert.Equal(last, await NextAsync());
        Assert.InRange(interruptions, 1, int.MaxValue);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    private Task FollowAsync(Stream stream, CancellationToken cancellationToken) =>
        stream
            .Get<StreamTail>()
            .FollowAsync(
                (delivery, _) => _seen.Writer.WriteAsync(delivery.Entry!.Id, CancellationToken.None).AsTask(),
                connected: (_, _) => _connected.TrySetResult(),
                cancellationToken: cancellationToken
            );

    private async Task<Guid> NextAsync() => await _seen.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));
}
