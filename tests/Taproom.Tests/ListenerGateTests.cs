using System.Threading.Channels;

namespace Taproom.Tests;

public sealed class ListenerGateTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<(Action Ready, CancellationToken End)> _runs = Channel.CreateUnbounded<(Action, CancellationToken)>();
    private readonly CancellationTokenSource _stopping = new();

    [Fact]
    public async Task Work_runs_from_the_first_listener_to_the_last_and_again_with_the_next()
    {
        var gate = Run(TimeSpan.Zero);
        for (var n = 0; n < 3; n++)
        {
            var first = gate.Enter();
            var (ready, end) = await NextAsync();
            var second = gate.Enter();
            Assert.False(first.Ready.IsCompleted);
            ready();
            await second.Ready.WaitAsync(Patience);

            first.Dispose();
            first.Dispose();
            Assert.False(end.IsCancellationRequested);
            second.Dispose();
            await EndAsync(end);
        }
    }

    [Fact]
    public async Task One_who_comes_back_in_time_finds_the_work_still_running()
    {
        var gate = Run(Patience);
        gate.Enter().Dispose();
        var (ready, end) = await NextAsync();
        ready();

        using var back = gate.Enter();

        Assert.True(back.Ready.IsCompleted);
        Assert.False(end.IsCancellationRequested);
        Assert.False(_runs.Reader.TryRead(out _));
    }

    [Fact]
    public async Task One_who_comes_while_the_work_ends_waits_for_its_next_beginning()
    {
        var gate = new ListenerGate(TimeSpan.Zero, TimeProvider.System);
        var mayEnd = new TaskCompletionSource();
        _ = gate.RunAsync(
            async (ready, end) =>
            {
                _runs.Writer.TryWrite((ready, end));
                await Task.Delay(Timeout.Infinite, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await mayEnd.Task;
            },
            _stopping.Token
        );
        var first = gate.Enter();
        var (ready, end) = await NextAsync();
        ready();
        first.Dispose();
        await EndAsync(end);

        using var next = gate.Enter();
        Assert.False(next.Ready.IsCompleted);
        mayEnd.SetResult();
        (await NextAsync()).Ready();
        await next.Ready.WaitAsync(Patience);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private ListenerGate Run(TimeSpan linger)
    {
        var gate = new ListenerGate(linger, TimeProvider.System);
        _ = gate.RunAsync(
            async (ready, end) =>
            {
                _runs.Writer.TryWrite((ready, end));
                await Task.Delay(Timeout.Infinite, end);
            },
            _stopping.Token
        );
        return gate;
    }

    private static async Task EndAsync(CancellationToken end) =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Patience, end));

    private Task<(Action Ready, CancellationToken End)> NextAsync() => _runs.Reader.ReadAsync().AsTask().WaitAsync(Patience);
}
