using Microsoft.Extensions.Time.Testing;

namespace Tap.Simulator.Tests;

public sealed class OutboxTests
{
    // A new one for each wait.
    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    [Fact]
    public async Task A_pour_whose_receipt_does_not_come_is_due_again()
    {
        using var outbox = new Outbox(PourJournal.Open(null), 10, TimeSpan.FromMilliseconds(50), TimeProvider.System);
        var pour = Pours.Pint(1);
        outbox.Add(pour, TimeSpan.Zero);

        outbox.Sent(await outbox.NextAsync(Deadline));

        Assert.Equal(pour, await outbox.NextAsync(Deadline));
    }

    [Fact]
    public async Task A_new_connection_makes_everything_due_that_has_no_receipt()
    {
        using var outbox = new Outbox(PourJournal.Open(null), 10, TimeSpan.FromHours(1), TimeProvider.System);
        var (first, second) = (Pours.Pint(1), Pours.Pint(2));
        outbox.Add(first, TimeSpan.Zero);
        outbox.Add(second, TimeSpan.Zero);
        outbox.Sent(first);
        Assert.Equal(second, await outbox.NextAsync(Deadline));
        outbox.Sent(second);
        var waiting = outbox.NextAsync(Deadline);
        Assert.False(waiting.IsCompleted);

        outbox.Remove([first.Id]);
        outbox.Renew();

        Assert.Equal(second, await waiting);
    }

    [Fact]
    public async Task A_pour_that_is_held_back_is_overtaken()
    {
        var time = new FakeTimeProvider();
        using var outbox = new Outbox(PourJournal.Open(null), 10, TimeSpan.FromHours(1), time);
        var (first, second) = (Pours.Pint(1), Pours.Pint(2));
        outbox.Add(first, TimeSpan.FromMilliseconds(50));
        outbox.Add(second, TimeSpan.Zero);

        Assert.Equal(second, await outbox.NextAsync(Deadline));
        outbox.Sent(second);
        var next = outbox.NextAsync(Deadline);
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(first, await next);
    }

    [Fact]
    public async Task A_tap_with_too_many_pours_without_receipt_waits()
    {
        using var outbox = new Outbox(PourJournal.Open(null), 1, TimeSpan.FromHours(1), TimeProvider.System);
        var pour = Pours.Pint(1);
        outbox.Add(pour, TimeSpan.Zero);
        var room = outbox.WaitForRoomAsync(Deadline);
        Assert.False(room.IsCompleted);

        outbox.Remove([pour.Id]);

        await room;
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_receipt_leaves_nothing_behind()
    {
        using var outbox = new Outbox(PourJournal.Open(null), 10, TimeSpan.FromHours(1), TimeProvider.System);
        var pour = Pours.Pint(1);
        outbox.Add(pour, TimeSpan.Zero);
        outbox.Remove([pour.Id]);

        outbox.Sent(pour);

        outbox.Add(pour, TimeSpan.Zero);
        Assert.Equal(pour, await outbox.NextAsync(Deadline));
    }
}
