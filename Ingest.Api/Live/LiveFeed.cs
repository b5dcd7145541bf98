using System.Text;
using Taproom.Ingest;

namespace Ingest.Api.Live;

/// <summary>Tells this replica's listeners what the stream brings, as soon as it is accepted.</summary>
/// <remarks>In the order of the stream; an entry that is appended again shortly after is told once.</remarks>
internal sealed partial class LiveFeed(StreamTail tail, Listeners listeners, TimeProvider time, ILogger<LiveFeed> logger) : BackgroundService
{
    private const int RememberedIds = 10_000;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    private readonly TaskCompletionSource _following = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<Guid> _told = [];
    private readonly Queue<Guid> _toldInOrder = [];

    /// <summary>Completes when the feed knows the end of the stream; who listens from then on misses nothing.</summary>
    public Task Following => _following.Task;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? position = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                position ??= await tail.EndAsync();
                _following.TrySetResult();
                await foreach (var delivery in tail.FollowAsync(position, stoppingToken))
                {
                    position = delivery.Position;
                    Tell(delivery.Entry!);
                }
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                LogBroken(ex.Message);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    private void Tell(IngestEntry entry)
    {
        if (!IsFirst(entry.Id))
        {
            return;
        }

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

    private static string PayloadFrame(IngestEntry entry) => $$"""{"id":"{{entry.Id}}","payload":{{Encoding.UTF8.GetString(entry.Body)}}}""";

    private bool IsFirst(Guid id)
    {
        if (!_told.Add(id))
        {
            return false;
        }

        _toldInOrder.Enqueue(id);
        if (_toldInOrder.Count > RememberedIds)
        {
            _told.Remove(_toldInOrder.Dequeue());
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "The live feed is interrupted: {Message}")]
    private partial void LogBroken(string message);
}
