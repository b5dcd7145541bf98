using System.Diagnostics;
using System.Text;
using Taproom;
using Taproom.Ingest;
using Taproom.Signals;

namespace Ingest.Api.Live;

/// <summary>Tells this replica's listeners what the stream brings as soon as it is accepted, and of deletions and shares. Without listeners it reads nothing.</summary>
/// <remarks>What one device sends comes in order; an entry that is appended again shortly after is told once.</remarks>
internal sealed class LiveFeed(ListenerGate gate, StreamTail tail, Deletions deletions, ShareReports reports, Listeners listeners) : BackgroundService
{
    private static readonly ActivitySource Source = new("Ingest.Api");

    private readonly RecentSet<Guid> _told = new(10_000);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => gate.RunAsync(TellAsync, stoppingToken);

    private async Task TellAsync(Action ready, CancellationToken cancellationToken)
    {
        await Task.WhenAll(
            deletions.SubscribeAsync(id => listeners.Tell(Topic.Beers, $"Beer {id} deleted from the collection"), cancellationToken),
            reports.SubscribeAsync(report => listeners.Tell(Topic.Beers, report), cancellationToken)
        );
        await tail.FollowAsync(TellAsync, connected: (_, _) => ready(), cancellationToken: cancellationToken);
    }

    private Task TellAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (delivery.Entry is { } entry && _told.Add(entry.Id))
        {
            switch (entry.Kind)
            {
                case EntryKinds.Pour when PourEntry.TryRead(entry, out var pour, out _):
                    Tell(entry, Topic.Beers, $"Tap with id {pour.TapId} posted a new beer (id: {pour.Id})!", exceptTap: pour.TapId);
                    break;
                case EntryKinds.Message:
                    Tell(entry, Topic.Messages, PayloadFrame(entry));
                    break;
                case EntryKinds.Event:
                    Tell(entry, Topic.Events, PayloadFrame(entry));
                    break;
            }
        }

        return Task.CompletedTask;
    }

    private void Tell(IngestEntry entry, Topic topic, string text, int? exceptTap = null)
    {
        using var activity = IngestTelemetry.StartPush(Source, "push", "websocket", $"{entry.Kind}s", entry);
        listeners.Tell(topic, text, exceptTap);
    }

    private static string PayloadFrame(IngestEntry entry) => $$"""{"id":"{{entry.Id}}","payload":{{Encoding.UTF8.GetString(entry.Body)}}}""";
}
