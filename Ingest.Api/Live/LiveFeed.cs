using System.Text;
using Taproom;
using Taproom.Ingest;

namespace Ingest.Api.Live;

/// <summary>Tells this replica's listeners what the stream brings as soon as it is accepted.</summary>
/// <remarks>What one device sends comes in order; an entry that is appended again shortly after is told once.</remarks>
internal sealed class LiveFeed(StreamTail tail, Listeners listeners) : BackgroundService
{
    private readonly TaskCompletionSource _following = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RecentSet<Guid> _told = new(10_000);

    /// <summary>Completes when the feed knows the end of the stream; who listens from then on misses nothing.</summary>
    public Task Following => _following.Task;

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        tail.FollowAsync(TellAsync, connected: FollowingAsync, cancellationToken: stoppingToken);

    private Task FollowingAsync(IReadOnlyList<StreamId> ends)
    {
        _following.TrySetResult();
        return Task.CompletedTask;
    }

    private Task TellAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (delivery.Entry is { } entry && _told.Add(entry.Id))
        {
            switch (entry.Kind)
            {
                case EntryKinds.Pour when PourEntry.TryRead(entry, out var pour, out _):
                    listeners.Tell(Topic.Beers, $"Tap with id {pour.TapId} posted a new beer (id: {pour.Id})!", exceptTap: pour.TapId);
                    break;
                case EntryKinds.Message:
                    listeners.Tell(Topic.Messages, PayloadFrame(entry));
                    break;
                case EntryKinds.Event:
                    listeners.Tell(Topic.Events, PayloadFrame(entry));
                    break;
            }
        }

        return Task.CompletedTask;
    }

    private static string PayloadFrame(IngestEntry entry) => $$"""{"id":"{{entry.Id}}","payload":{{Encoding.UTF8.GetString(entry.Body)}}}""";
}
