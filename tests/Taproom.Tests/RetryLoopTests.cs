namespace Taproom.Tests;

public sealed class RetryLoopTests : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<int> _failures = [];

    [Fact]
    public async Task Failures_are_counted_until_a_turn_goes_well_or_says_that_it_works_again()
    {
        var loop = Loop(TimeSpan.FromMilliseconds(10));
        var turns = 0;

        var running = loop.RunAsync(TurnAsync, _stop.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal([1, 2, 1, 1], _failures);
        Assert.Equal(6, turns);

        Task TurnAsync(CancellationToken cancellationToken)
        {
            switch (++turns)
            {
                case 3:
                    return Task.CompletedTask;
                case 5:
                    loop.Recovered();
                    break;
                case 6:
                    return _stop.CancelAsync();
            }

            throw new InvalidOperationException("It does not work.");
        }
    }

    [Fact]
    public async Task An_attempt_is_repeated_until_it_succeeds()
    {
        var attempts = 0;

        await Loop(TimeSpan.FromMilliseconds(10))
            .UntilDoneAsync(_ => ++attempts < 3 ? throw new InvalidOperationException("It does not work.") : Task.CompletedTask, _stop.Token);

        Assert.Equal(3, attempts);
        Assert.Equal([1, 2], _failures);
    }

    [Fact]
    public async Task What_is_stopped_ends_without_another_word()
    {
        var pausing = Loop(TimeSpan.FromDays(1)).RunAsync(_ => throw new InvalidOperationException("It does not work."), _stop.Token);
        var resting = Loop(TimeSpan.FromDays(1)).RunAsync(_ => Task.CompletedTask, TimeSpan.FromDays(1), _stop.Token);
        await _stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pausing);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => resting);
        Assert.Equal([1], _failures);
        var late = Loop(TimeSpan.FromDays(1)).UntilDoneAsync(_ => throw new InvalidOperationException("It was begun."), _stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late);
    }

    public void Dispose() => _stop.Dispose();

    private RetryLoop Loop(TimeSpan longest) => new(longest, (_, failures, _) => _failures.Add(failures), TimeProvider.System);
}
