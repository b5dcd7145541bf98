using Dashboard.Web.Board;
using Taproom;

namespace Dashboard.Web.Feed;

/// <summary>Fills the board while a page is open or a connection of the hub is there; for nobody, nothing is read and nothing shown.</summary>
internal sealed class BoardFeed(ListenerGate gate, StreamFeed stream, StoreFeed store, PresenceFeed presence, FactsFeed facts, LiveBoard board)
    : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Once at the start, so that the first who comes need not wait for what a process does but once.
        gate.Enter().Dispose();
        return gate.RunAsync(
            async (ready, cancellationToken) =>
            {
                try
                {
                    await FollowAsync(ready, cancellationToken);
                }
                finally
                {
                    if (!stoppingToken.IsCancellationRequested)
                    {
                        GiveMemoryBack();
                    }
                }
            },
            stoppingToken
        );
    }

    private async Task FollowAsync(Action ready, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(
                stream.FollowAsync(ready, cancellationToken),
                store.FollowAsync(cancellationToken),
                presence.FollowAsync(cancellationToken),
                facts.FollowAsync(cancellationToken)
            );
        }
        finally
        {
            board.Clear();
        }
    }

    // A process with nothing to do collects no garbage: it would keep for good what many pages took. Nobody looks, so nobody waits for it.
    private static void GiveMemoryBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
